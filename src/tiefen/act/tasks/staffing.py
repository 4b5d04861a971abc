"""Who works here, who answers for which group, and who has too much of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.slices import slices
from tiefen.ledger.schema import groups, handles, people, wecom_staff
from tiefen.ledger.schema.playbooks import task_counts

STAFF_ID = "staff_userid"
MANY_GROUPS, MANY_TASKS = 15, 40
"""From where on the console says that somebody has too much: a default, since nobody published how many groups one can look after."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff. `userid` is WeCom's, or the staff id an import gave."""

    userid: str
    name: str
    gone: bool = False


def working(connection: Connection, corp_id: str) -> list[Person]:
    """Everybody who works or worked here: of WeCom's directory, and where there is none those who were marked as staff."""
    listed = sa.select(wecom_staff.c.userid, wecom_staff.c.name, wecom_staff.c.gone_us).where(
        wecom_staff.c.corp_id == corp_id
    )
    found = {row.userid: Person(row.userid, row.name or row.userid, row.gone_us is not None)
             for row in connection.execute(listed)}  # fmt: skip
    marked = (
        sa.select(handles.c.id_value, people.c.name)
        .join(people, people.c.person_id == handles.c.person_id)
        .where(handles.c.corp_id == corp_id, handles.c.id_type == STAFF_ID, people.c.erased_us.is_(None))
    )
    for userid, name in connection.execute(marked):
        known = found.get(userid)
        if known is None or known.name == userid:
            found[userid] = Person(userid, name or userid, known.gone if known else False)
    return sorted(found.values(), key=lambda one: (one.gone, one.name, one.userid))


def gone(connection: Connection, corp_id: str) -> set[str]:
    """Who left."""
    asked = sa.select(wecom_staff.c.userid).where(wecom_staff.c.corp_id == corp_id, wecom_staff.c.gone_us.is_not(None))
    return set(connection.scalars(asked))


def works_here(connection: Connection, corp_id: str, userid: str) -> bool:
    listed = sa.select(wecom_staff.c.gone_us).where(wecom_staff.c.corp_id == corp_id, wecom_staff.c.userid == userid)
    row = connection.execute(listed).first()
    if row is not None:
        return row.gone_us is None
    marked = sa.select(handles.c.handle).where(
        handles.c.corp_id == corp_id, handles.c.id_type == STAFF_ID, handles.c.id_value == userid
    )
    return connection.execute(marked).first() is not None


def staff_of(connection: Connection, corp_id: str, some: Iterable[int]) -> dict[int, str]:
    """The `userid` of who owns each of these groups, of those whose owner works here."""
    left, found = gone(connection, corp_id), dict[int, str]()
    owner = handles.alias("owner")
    for part in slices(sorted(set(some))):
        asked = (
            sa.select(groups.c.group_id, handles.c.id_value)
            .join(owner, owner.c.handle == groups.c.owner)
            .join(handles, sa.and_(handles.c.person_id == owner.c.person_id, handles.c.id_type == STAFF_ID))
            .where(groups.c.corp_id == corp_id, groups.c.group_id.in_(part))
            .order_by(handles.c.handle)
        )
        for group, userid in connection.execute(asked):
            if userid not in left:
                found.setdefault(group, userid)
    return found


@dataclass(frozen=True, slots=True)
class Load:
    """How much somebody has: groups they own, tasks that wait and of these the late ones."""

    staff: Person
    groups: int
    waiting: int
    late: int
    done: int

    @property
    def too_many(self) -> bool:
        return not self.staff.gone and (self.groups > MANY_GROUPS or self.waiting > MANY_TASKS)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who answers for what: the load of everybody, groups that nobody answers for, tasks that are nobody's."""

    loads: list[Load]
    groups: int
    alone: list[int]
    unassigned: int


def coverage(connection: Connection, corp_id: str) -> Coverage:
    """Groups without staff and staff with too many groups or tasks."""
    here = sa.select(groups.c.group_id).where(groups.c.corp_id == corp_id, groups.c.dismissed_us.is_(None))
    living = list(connection.scalars(here))
    owned = staff_of(connection, corp_id, living)
    times: dict[str, dict[str, int]] = {}
    for row in connection.execute(sa.select(task_counts).where(task_counts.c.corp_id == corp_id)):
        of = times.setdefault(row.staff, {})
        of[row.state] = of.get(row.state, 0) + row.times
    held: dict[str, int] = {}
    for userid in owned.values():
        held[userid] = held.get(userid, 0) + 1
    loads = [
        Load(
            one, held.get(one.userid, 0), sum(times.get(one.userid, {}).get(state, 0) for state in ("opened", "late")),
            times.get(one.userid, {}).get("late", 0), times.get(one.userid, {}).get("done", 0),
        )
        for one in working(connection, corp_id)
    ]  # fmt: skip
    loads = [one for one in loads if not one.staff.gone or one.waiting]
    loads.sort(key=lambda one: (-one.too_many, -one.waiting, -one.groups, one.staff.userid))
    nobody = times.get("", {})
    return Coverage(
        loads, len(living), [group for group in living if group not in owned],
        nobody.get("opened", 0) + nobody.get("late", 0),
    )  # fmt: skip
