"""Whom a broadcast is for: found in one statement however many they are, and frozen when it begins.

People are asked for by the number they have now; staff, the erased and those merged into somebody else are nobody's audience.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.broadcasts.plan import ToGroups, ToPersons, Whom
from tiefen.insight.engine import opened
from tiefen.insight.expressions import ibis
from tiefen.insight.readings import Readings
from tiefen.kit.clock import DAY_US, SECOND_US, day_of, start_of
from tiefen.kit.settings import Settings
from tiefen.kit.slices import slices
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups, handles, people, wecom_contacts
from tiefen.ledger.schema.broadcasts import campaign_audience
from tiefen.ledger.schema.segments import audience_members, segment_members

USUAL_HOUR = 20
"""When most read and few are at work, where nothing is known of anybody."""
FIRST_HOUR, LAST_HOUR = 9, 21
LEAST_ACTS = 3
"""Of fewer acts nobody's hour is known."""
LOOKS_BACK_US = 90 * DAY_US


def units(corp_id: str, whom: Whom, settings: Settings) -> sa.Select[tuple[int]]:
    """A question for the numbers of everybody (or every group) who is meant, each once."""
    match whom:
        case ToPersons():
            return _persons(corp_id, whom)
        case ToGroups():
            return _groups(corp_id, whom, settings)


def count(connection: Connection, corp_id: str, whom: Whom, settings: Settings) -> int:
    """How many are meant, before anything is refused."""
    asked = units(corp_id, whom, settings).subquery()
    return connection.execute(sa.select(sa.func.count()).select_from(asked)).scalar_one()


def freeze(
    connection: Connection, corp_id: str, campaign_id: str, whom: Whom, settings: Settings, due_us: int
) -> None:  # fmt: skip
    """Keep whom it is for, in place of what was kept before."""
    mine = sa.and_(campaign_audience.c.corp_id == corp_id, campaign_audience.c.campaign_id == campaign_id)
    connection.execute(sa.delete(campaign_audience).where(mine))
    found = units(corp_id, whom, settings).subquery()
    rows = sa.select(sa.literal(corp_id), sa.literal(campaign_id), found.c.unit, sa.literal(due_us, sa.BigInteger))
    connection.execute(sa.insert(campaign_audience).from_select(["corp_id", "campaign_id", "unit", "due_us"], rows))


def size(connection: Connection, corp_id: str, campaign_id: str) -> int:
    """How many a frozen audience holds."""
    mine = sa.and_(campaign_audience.c.corp_id == corp_id, campaign_audience.c.campaign_id == campaign_id)
    return connection.execute(sa.select(sa.func.count()).select_from(campaign_audience).where(mine)).scalar_one()


def leave_out(connection: Connection, corp_id: str, campaign_id: str, some: Sequence[int]) -> None:
    """Take some out of a frozen audience."""
    for few in slices(some):
        connection.execute(
            sa.delete(campaign_audience).where(
                campaign_audience.c.corp_id == corp_id, campaign_audience.c.campaign_id == campaign_id,
                campaign_audience.c.unit.in_(few),
            )
        )  # fmt: skip


def say_at(connection: Connection, corp_id: str, campaign_id: str, dues: Mapping[int, int]) -> None:
    """Note for some at another instant than the others when it is to be said."""
    if dues:
        connection.execute(
            sa.update(campaign_audience)
            .where(
                campaign_audience.c.corp_id == corp_id, campaign_audience.c.campaign_id == campaign_id,
                campaign_audience.c.unit == sa.bindparam("whose"),
            )
            .values(due_us=sa.bindparam("due")),
            [{"whose": unit, "due": due} for unit, due in dues.items()],
        )  # fmt: skip


def next_units(
    connection: Connection, corp_id: str, campaign_id: str, through: int, most: int
) -> list[tuple[int, int]]:  # fmt: skip
    """(unit, when) of the next ones after a place."""
    asked = (
        sa.select(campaign_audience.c.unit, campaign_audience.c.due_us)
        .where(
            campaign_audience.c.corp_id == corp_id, campaign_audience.c.campaign_id == campaign_id,
            campaign_audience.c.unit > through,
        )
        .order_by(campaign_audience.c.unit)
        .limit(most)
    )  # fmt: skip
    return [(unit, due) for unit, due in connection.execute(asked)]


def who_ordered(ledger: Ledger, settings: Settings, corp_id: str, since_us: int) -> list[int]:
    """Who paid an order since then."""
    with opened(ledger.snapshot(corp_id), settings) as tables:
        paid = tables["order_paid"]
        asked = paid.filter(paid.happened_us >= since_us, paid.person.notnull()).select("person").distinct()
        found: list[int] = tables.arrow(asked)["person"].to_pylist()
    return found


def best_hours(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> tuple[dict[int, int], int]:
    """At which hour of the corp's day each was most often active in the last 90 days, and the hour for all others."""
    snapshot = ledger.snapshot(corp_id)
    day = start_of(day_of(now_us, snapshot.time_zone), snapshot.time_zone)
    with opened(snapshot, settings) as tables:
        acts = [
            tables[name]
            .filter(tables[name].happened_us >= now_us - LOOKS_BACK_US)
            .select(person=whose, us="happened_us")
            for name, whose in (("message_posted", "member"), ("link_clicked", "person"), ("order_paid", "person"))
        ]
        every = ibis.union(*acts)
        # The offset of today is near enough for an hour: no zone of ours changes it.
        seconds = (every.us - day) // SECOND_US
        hours = every.filter(every.person.notnull()).mutate(hour=((seconds % 86_400 + 86_400) % 86_400) // 3600)
        rows = tables.arrow(hours.group_by("person", "hour").agg(times=ibis._.count())).to_pylist()
    of_all: dict[int, int] = {}
    best: dict[int, tuple[int, int]] = {}
    total: dict[int, int] = {}
    for row in rows:
        person, hour, times = row["person"], int(row["hour"]), row["times"]
        if not FIRST_HOUR <= hour <= LAST_HOUR:
            continue
        of_all[hour] = of_all.get(hour, 0) + times
        total[person] = total.get(person, 0) + times
        best[person] = max(best.get(person, (0, 0)), (times, -hour))
    usual = max(of_all, key=lambda hour: (of_all[hour], -hour)) if of_all else USUAL_HOUR
    return {person: -minus for person, (_, minus) in best.items() if total[person] >= LEAST_ACTS}, usual


def at_hour(from_us_: int, hour: int, zone_name: str) -> int:
    """The first time from an instant on that it is that hour."""
    day = day_of(from_us_, zone_name)
    at = start_of(day, zone_name) + hour * 3600 * SECOND_US
    if at + 3600 * SECOND_US <= from_us_:
        tomorrow = day_of(start_of(day, zone_name) + DAY_US + DAY_US // 2, zone_name)
        at = start_of(tomorrow, zone_name) + hour * 3600 * SECOND_US
    return max(at, from_us_)


def _persons(corp_id: str, whom: ToPersons) -> sa.Select[tuple[int]]:
    parts: list[sa.Select[tuple[int]]] = []
    if whom.everyone:
        parts.append(
            sa.select(handles.c.person_id.label("unit")).join(
                wecom_contacts,
                sa.and_(
                    wecom_contacts.c.corp_id == corp_id, wecom_contacts.c.external_userid == handles.c.id_value,
                    wecom_contacts.c.added_us.is_not(None), wecom_contacts.c.lost_us.is_(None),
                ),
            ).where(handles.c.corp_id == corp_id, handles.c.id_type == "external_userid")
        )  # fmt: skip
    if whom.segments:
        parts.append(_in_segments(corp_id, whom.segments))
    if whom.audiences:
        parts.append(
            sa.select(handles.c.person_id.label("unit"))
            .join(audience_members, audience_members.c.person == handles.c.handle)
            .where(audience_members.c.corp_id == corp_id, audience_members.c.audience_id.in_(whom.audiences))
        )
    parts += [
        sa.select(handles.c.person_id.label("unit")).where(handles.c.corp_id == corp_id, handles.c.handle.in_(some))
        for some in slices(whom.persons)
    ]
    if not parts:
        parts = [sa.select(handles.c.person_id.label("unit")).where(sa.false())]
    asked = sa.select(people.c.person_id.label("unit")).where(
        people.c.corp_id == corp_id, people.c.staff.is_(False), people.c.erased_us.is_(None),
        people.c.merged_into.is_(None), people.c.person_id.in_(sa.union(*parts)),
    )  # fmt: skip
    if whom.without_segments:
        asked = asked.where(people.c.person_id.not_in(_in_segments(corp_id, whom.without_segments)))
    return asked


def _in_segments(corp_id: str, some: Sequence[str]) -> sa.Select[tuple[int]]:
    return (
        sa.select(handles.c.person_id.label("unit"))
        .join(segment_members, segment_members.c.person == handles.c.handle)
        .where(segment_members.c.corp_id == corp_id, segment_members.c.segment_id.in_(some))
    )


def _groups(corp_id: str, whom: ToGroups, settings: Settings) -> sa.Select[tuple[int]]:
    asked = sa.select(groups.c.group_id.label("unit")).where(
        groups.c.corp_id == corp_id, groups.c.dismissed_us.is_(None)
    )
    if whom.everyone:
        return asked
    meant = set(whom.groups)
    if whom.stages:
        meant |= in_stages(settings, corp_id, whom.stages)
    return asked.where(groups.c.group_id.in_(sorted(meant)))


def in_stages(settings: Settings, corp_id: str, stages: Sequence[str]) -> set[int]:
    """The groups that the current reading has in one of these stages."""
    reading = Readings(settings).current(corp_id)
    if reading is None or not (reading.folder / "group_life.parquet").exists():
        return set()
    table = reading.table("group_life")
    return {
        group for group, stage in zip(table["group"].to_pylist(), table["stage"].to_pylist(), strict=True)
        if stage in stages
    }  # fmt: skip
