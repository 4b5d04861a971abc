"""Keeping tasks: added once, moved to their end, each move a fact, a count and a note in the same transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.tasks.staffing import STAFF_ID, gone, staff_of, works_here
from tiefen.act.tasks.task import WAITING, BadSnooze, StaffNotHere, Task, TaskClosed, TaskNotFound
from tiefen.kit.clock import DAY_US
from tiefen.kit.slices import slices
from tiefen.kit.text import clean
from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Id
from tiefen.ledger.facts.tasks import TaskMoved
from tiefen.ledger.identity import numbered, outer_ids
from tiefen.ledger.schema.playbooks import task_counts, task_notes, tasks
from tiefen.ledger.writing import Together

ORIGIN = "tasks"
LONGEST_US = 90 * DAY_US
_ROWS = 500
_TITLE, _TEXT = 200, 4_000


class Moved(NamedTuple):
    """What became of several tasks: those that moved, and those that had come to their end before, with the state they are in."""

    done: list[str]
    closed: dict[str, str]


def add(together: Together, corp_id: str, some: Sequence[Task], now_us: int) -> int:
    """Ask for things to be done; what was asked for before changes nothing. Returns how many were new.

    Whoever left is asked for nothing: their task goes to the owner of the group, or to nobody yet, and a note says so.
    """
    connection, new = together.connection, 0
    left = gone(connection, corp_id) if some else set()
    unsettled = {one.group for one in some if one.group is not None and (one.staff is None or one.staff in left)}
    owners = staff_of(connection, corp_id, unsettled)
    for few in slices(some, _ROWS):
        rows, instead = [], {}
        for one in few:
            staff = one.staff
            if staff is None or staff in left:
                staff = None if one.group is None else owners.get(one.group)
                if one.staff is not None:
                    instead[one.task_id] = one.staff
            rows.append(_row(corp_id, one, staff, now_us))
        insert = dialect.insert(connection, tasks).values(rows)
        kept = insert.on_conflict_do_nothing(index_elements=["corp_id", "task_id"]).returning(tasks)
        fresh = [dict(row._mapping) for row in connection.execute(kept)]
        _tell(together, corp_id, fresh, now_us)
        _count(connection, corp_id, Counter((row["staff"] or "", row["kind"], "opened") for row in fresh))
        _note(connection, corp_id, [
            (row["task_id"], "handed", f"{instead[row['task_id']]} → {row['staff'] or ''}", "")
            for row in fresh if row["task_id"] in instead
        ], now_us)  # fmt: skip
        new += len(fresh)
    return new


def finish(
    together: Together, corp_id: str, ids: Collection[str], state: Literal["done", "skipped"], now_us: int, *,
    who: str = "", reason: str = "", text: str = "",
) -> Moved:  # fmt: skip
    """Bring tasks to their end. Of two who do so at once the first did it; the second hears that it is done already."""
    rows = _waiting(together, corp_id, ids)
    _move(together, corp_id, rows.open, state, now_us, reason=reason or None)
    _note(together.connection, corp_id, [(row["task_id"], state, text or reason, who) for row in rows.open], now_us)
    return Moved([row["task_id"] for row in rows.open], rows.closed)


def hand(
    together: Together, corp_id: str, ids: Collection[str], staff: str | None, now_us: int, *, who: str = ""
) -> Moved:  # fmt: skip
    """Give tasks to somebody who works here, or to nobody yet."""
    connection = together.connection
    if staff is not None and not works_here(connection, corp_id, staff):
        raise StaffNotHere(staff)
    rows = _waiting(together, corp_id, ids)
    return Moved(_hand(connection, corp_id, [(row, staff) for row in rows.open], now_us, who), rows.closed)


def snooze(
    together: Together, corp_id: str, ids: Collection[str], until_us: int, now_us: int, *, who: str = ""
) -> Moved:  # fmt: skip
    """Put tasks off. One that was late is not late any more; one that would have expired before gets a day beyond."""
    if not now_us < until_us <= now_us + LONGEST_US:
        raise BadSnooze
    rows = _waiting(together, corp_id, ids)
    late = [row for row in rows.open if row["state"] == "late"]
    _move(together, corp_id, late, "opened", now_us)
    for some in slices([row["task_id"] for row in rows.open]):
        beyond = sa.case((tasks.c.expires_us > until_us, tasks.c.expires_us), else_=until_us + DAY_US)
        connection = together.connection
        connection.execute(
            sa.update(tasks).where(tasks.c.corp_id == corp_id, tasks.c.task_id.in_(some))
            .values(due_us=until_us, expires_us=beyond, moved_us=now_us, version=tasks.c.version + 1)
        )  # fmt: skip
    _note(together.connection, corp_id, [(row["task_id"], "snoozed", str(until_us), who) for row in rows.open], now_us)
    return Moved([row["task_id"] for row in rows.open], rows.closed)


def note(connection: Connection, corp_id: str, task_id: str, text: str, now_us: int, *, who: str = "") -> None:
    """Add a note to a task, whatever state it is in."""
    found = sa.select(tasks.c.task_id).where(tasks.c.corp_id == corp_id, tasks.c.task_id == task_id)
    if connection.execute(found).first() is None:
        raise TaskNotFound(task_id)
    _note(connection, corp_id, [(task_id, "note", text, who)], now_us)


def one_open(moved: Moved, task_id: str) -> None:
    """Say so where a single task that was to be moved had come to its end before."""
    if task_id in moved.closed:
        raise TaskClosed(task_id, moved.closed[task_id])


# ---- what the turn uses too ----


def make_late(together: Together, corp_id: str, rows: Sequence[dict[str, Any]], now_us: int) -> None:
    """Tasks whose time is up and which nobody has done."""
    _move(together, corp_id, rows, "late", now_us)
    _note(together.connection, corp_id, [(row["task_id"], "late", "", "") for row in rows], now_us)


def expire(
    together: Together, corp_id: str, rows: Sequence[dict[str, Any]], now_us: int, reason: str = "expired"
) -> None:  # fmt: skip
    """Tasks there is no point in any more."""
    _move(together, corp_id, rows, "skipped", now_us, reason=reason)
    _note(together.connection, corp_id, [(row["task_id"], "skipped", reason, "") for row in rows], now_us)


def leave_behind(connection: Connection, corp_id: str, rows: Sequence[dict[str, Any]], now_us: int) -> None:
    """Tasks of who left: to the owner of the group where it is somebody else who works here, otherwise to nobody yet."""
    owners = staff_of(connection, corp_id, {row["group"] for row in rows if row["group"] is not None})
    _hand(connection, corp_id, [(row, owners.get(row["group"])) for row in rows], now_us, "")


# ---- rows, facts, counts, notes ----


class _Rows(NamedTuple):
    open: list[dict[str, Any]]
    closed: dict[str, str]


def _waiting(together: Together, corp_id: str, ids: Collection[str]) -> _Rows:
    found: dict[str, dict[str, Any]] = {}
    for some in slices(list(ids)):
        asked = sa.select(tasks).where(tasks.c.corp_id == corp_id, tasks.c.task_id.in_(some))
        found |= {row.task_id: dict(row._mapping) for row in together.connection.execute(asked)}
    for task_id in ids:
        if task_id not in found:
            raise TaskNotFound(task_id)
    return _Rows(
        [row for row in found.values() if row["state"] in WAITING],
        {row["task_id"]: row["state"] for row in found.values() if row["state"] not in WAITING},
    )


def _row(corp_id: str, one: Task, staff: str | None, now_us: int) -> dict[str, Any]:
    return {
        "corp_id": corp_id, "task_id": one.task_id, "kind": one.kind, "title": clean(one.title)[:_TITLE],
        "detail": clean(one.detail)[:_TEXT], "say": None if one.say is None else msgspec.json.encode(one.say).decode(),
        "role": one.role, "staff": staff, "person": one.person, "group": one.group, "campaign_id": one.campaign_id,
        "step": one.step, "state": "opened", "reason": None, "version": 1, "due_us": one.due_us,
        "expires_us": max(one.expires_us, one.due_us), "created_us": now_us, "moved_us": now_us,
    }  # fmt: skip


def _move(
    together: Together, corp_id: str, rows: Sequence[dict[str, Any]], state: str, now_us: int, *,
    reason: str | None = None,
) -> None:  # fmt: skip
    connection = together.connection
    for some in slices([row["task_id"] for row in rows]):
        connection.execute(
            sa.update(tasks)
            .where(tasks.c.corp_id == corp_id, tasks.c.task_id.in_(some))
            .values(state=state, reason=reason, moved_us=now_us, version=tasks.c.version + 1)
        )
    changed = [{**row, "state": state, "reason": reason, "version": row["version"] + 1} for row in rows]
    _tell(together, corp_id, changed, now_us)
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        counts[row["staff"] or "", row["kind"], row["state"]] -= 1
        counts[row["staff"] or "", row["kind"], state] += 1
    _count(connection, corp_id, counts)


def _hand(
    connection: Connection, corp_id: str, pairs: Sequence[tuple[dict[str, Any], str | None]], now_us: int, who: str
) -> list[str]:  # fmt: skip
    moving = [(row, to) for row, to in pairs if row["staff"] != to]
    counts: Counter[tuple[str, str, str]] = Counter()
    to_whom: dict[str | None, list[str]] = {}
    for row, to in moving:
        counts[row["staff"] or "", row["kind"], row["state"]] -= 1
        counts[to or "", row["kind"], row["state"]] += 1
        to_whom.setdefault(to, []).append(row["task_id"])
    for to, ids in to_whom.items():
        for some in slices(ids):
            connection.execute(
                sa.update(tasks).where(tasks.c.corp_id == corp_id, tasks.c.task_id.in_(some))
                .values(staff=to, moved_us=now_us, version=tasks.c.version + 1)
            )  # fmt: skip
    _count(connection, corp_id, counts)
    told = [(row["task_id"], "handed", f"{row['staff'] or ''} → {to or ''}", who) for row, to in moving]
    _note(connection, corp_id, told, now_us)
    return [row["task_id"] for row, _ in moving]


def _tell(together: Together, corp_id: str, rows: Sequence[dict[str, Any]], now_us: int) -> None:
    if not rows:
        return
    called = outer_ids(together.connection, {row["group"] for row in rows if row["group"] is not None})
    facts = [
        TaskMoved(
            happened_us=now_us, source_id=f"{row['task_id']}:{row['version']}", task=row["task_id"], state=row["state"],
            task_kind=row["kind"], staff=None if row["staff"] is None else Id(STAFF_ID, row["staff"]),
            person=None if row["person"] is None else numbered(row["person"]), group=called.get(row["group"]),
            campaign=row["campaign_id"], step=row["step"], reason=row["reason"],
        )
        for row in rows
    ]  # fmt: skip
    together.append(Batch(corp_id, ORIGIN, facts))


def _count(connection: Connection, corp_id: str, changes: Counter[tuple[str, str, str]]) -> None:
    rows = [
        {"corp_id": corp_id, "staff": staff, "kind": kind, "state": state, "times": n}
        for (staff, kind, state), n in changes.items()
        if n
    ]
    if rows:
        upsert = dialect.insert(connection, task_counts)
        summed = upsert.on_conflict_do_update(
            index_elements=["corp_id", "staff", "kind", "state"],
            set_={"times": task_counts.c.times + upsert.excluded.times},
        )
        connection.execute(summed, rows)


def _note(connection: Connection, corp_id: str, some: Sequence[tuple[str, str, str, str]], now_us: int) -> None:
    rows = [
        {"corp_id": corp_id, "task_id": task, "what": what, "text": clean(text)[:_TEXT], "who": who, "at_us": now_us}
        for task, what, text, who in some
    ]
    if rows:
        connection.execute(sa.insert(task_notes), rows)
