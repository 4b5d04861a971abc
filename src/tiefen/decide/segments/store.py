"""Segments as rows: made, changed, put away; and what they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Row

from tiefen.decide.segments.errors import AudienceNotFound, BadRule, SegmentChanged, SegmentInUse, SegmentNotFound
from tiefen.decide.segments.predicates import InAudience
from tiefen.decide.segments.rule import Rule, expanded, mentions, needs_of, read_rule, written
from tiefen.kit.ids import new_id
from tiefen.ledger.schema.segments import audiences, segment_due, segment_members, segments

ACTIVE, ARCHIVED = "active", "archived"


@dataclass(frozen=True, slots=True)
class Segment:
    """A rule under a name, and how it stands."""

    segment_id: str
    name: str
    note: str
    rule: Rule
    version: int
    state: str
    size: int
    reading: str
    built_version: int
    built_us: int | None
    """When everybody was last looked at; None where nobody was yet."""
    kept_us: int | None
    built_seconds: float | None
    trouble: Mapping[str, Any] | None
    created_us: int
    changed_us: int

    @property
    def fresh(self) -> bool:
        """Whether its members are those of its present rule."""
        return self.built_us is not None and self.built_version == self.version


_NOBODY = InAudience(audience="-")
"""Stands for a rule that cannot be read any more: it is about a list that is not there, and so holds nobody."""


def _segment(row: Row[Any]) -> Segment:
    try:
        rule: Rule = read_rule(row.rule)
    except BadRule:
        rule = _NOBODY
    return Segment(
        row.segment_id, row.name, row.note, rule, row.version, row.state, row.size, row.reading,
        row.built_version, row.built_us, row.kept_us, row.built_seconds,
        None if row.trouble is None else msgspec.json.decode(row.trouble), row.created_us, row.changed_us,
    )  # fmt: skip


def all_of(connection: Connection, corp_id: str, *, state: str | None = ACTIVE) -> list[Segment]:
    """The segments of a corp, the newest first."""
    asked = sa.select(segments).where(segments.c.corp_id == corp_id)
    if state is not None:
        asked = asked.where(segments.c.state == state)
    return [
        _segment(row) for row in connection.execute(asked.order_by(segments.c.created_us.desc(), segments.c.segment_id))
    ]


def get(connection: Connection, corp_id: str, segment_id: str) -> Segment:
    row = connection.execute(
        sa.select(segments).where(segments.c.corp_id == corp_id, segments.c.segment_id == segment_id)
    ).one_or_none()
    if row is None:
        raise SegmentNotFound(segment_id)
    return _segment(row)


def whole(connection: Connection, corp_id: str, rule: Rule, within: tuple[str, ...] = ()) -> Rule:
    """The rule with the rules of other segments in the place of their names, all of it known."""
    full = expanded(rule, lambda segment_id: get(connection, corp_id, segment_id).rule, within)
    lists = {need.partition(":")[2] for need in needs_of(full) if need.startswith("audience:")}
    if lists:
        there = sa.select(audiences.c.audience_id).where(
            audiences.c.corp_id == corp_id, audiences.c.audience_id.in_(lists)
        )
        missing = lists - set(connection.scalars(there))
        if missing:
            raise AudienceNotFound(min(missing))
    return full


def create(connection: Connection, corp_id: str, name: str, rule: Rule, now_us: int, note: str = "") -> Segment:
    """Make a segment; whom it holds is worked out at the next turn."""
    segment_id = f"seg{new_id()}"
    whole(connection, corp_id, rule, (segment_id,))
    connection.execute(
        sa.insert(segments).values(
            corp_id=corp_id, segment_id=segment_id, name=name, note=note, rule=written(rule), version=1, state=ACTIVE,
            size=0, reading="", built_version=0, created_us=now_us, changed_us=now_us,
        )
    )  # fmt: skip
    return get(connection, corp_id, segment_id)


def change(
    connection: Connection, corp_id: str, segment_id: str, version: int, now_us: int, *, name: str | None = None,
    note: str | None = None, rule: Rule | None = None, state: str | None = None,
) -> Segment:  # fmt: skip
    """Change a segment that is still at the version it was looked at; a build of the old rule comes to nothing."""
    before = get(connection, corp_id, segment_id)
    if before.version != version:
        raise SegmentChanged(segment_id, version, before.version)
    if state == ARCHIVED and (by := used_by(connection, corp_id, segment_id)):
        raise SegmentInUse(segment_id, by[0].name)
    values: dict[str, Any] = {"version": version + 1, "changed_us": now_us, "trouble": None}
    values |= {key: value for key, value in (("name", name), ("note", note), ("state", state)) if value is not None}
    same = (rule is None or rule == before.rule) and state in (None, before.state)
    if rule is not None:
        whole(connection, corp_id, rule, (segment_id,))
        values["rule"] = written(rule)
    if same and before.built_version == before.version:
        values["built_version"] = version + 1
    changed = connection.execute(
        sa.update(segments)
        .where(segments.c.corp_id == corp_id, segments.c.segment_id == segment_id, segments.c.version == version)
        .values(**values)
    )
    if not changed.rowcount:
        raise SegmentChanged(segment_id, version, get(connection, corp_id, segment_id).version)
    if not same:
        for one in used_by(connection, corp_id, segment_id, through=True):
            stale = sa.update(segments).where(segments.c.corp_id == corp_id, segments.c.segment_id == one.segment_id)
            connection.execute(stale.values(built_version=0))
    if state == ARCHIVED:
        for table in (segment_members, segment_due):
            connection.execute(sa.delete(table).where(table.c.corp_id == corp_id, table.c.segment_id == segment_id))
        put_away = sa.update(segments).where(segments.c.corp_id == corp_id, segments.c.segment_id == segment_id)
        connection.execute(put_away.values(size=0, built_version=0, built_us=None))
    return get(connection, corp_id, segment_id)


def used_by(connection: Connection, corp_id: str, segment_id: str, *, through: bool = False) -> list[Segment]:
    """The active segments that are made of this one; with `through`, by way of others too."""
    active = all_of(connection, corp_id)
    found: dict[str, Segment] = {}
    wanted = {segment_id}
    while wanted:
        by = [one for one in active if wanted & set(mentions(one.rule)) and one.segment_id not in found]
        found |= {one.segment_id: one for one in by}
        wanted = {one.segment_id for one in by} if through else set()
    return list(found.values())


__all__ = ["ACTIVE", "ARCHIVED", "Segment", "all_of", "change", "create", "get", "used_by", "whole"]
