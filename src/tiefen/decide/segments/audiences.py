"""人群包 — frozen lists of people: from a segment as it stands, from ids that somebody has, or from an analyst's question in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection, Row

from tiefen.decide.segments.errors import AudienceNotFound, BadQuery, NobodyFound, SegmentInUse
from tiefen.decide.segments.rule import needs_of
from tiefen.decide.segments.store import all_of
from tiefen.insight.engines.duckdb import query
from tiefen.kit.ids import new_id
from tiefen.kit.settings import Settings
from tiefen.kit.slices import slices
from tiefen.ledger import dialect
from tiefen.ledger.facts import Id
from tiefen.ledger.identity import normal
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import handles, people
from tiefen.ledger.schema.segments import audience_members, audiences, segment_members

MOST_IDS = 200_000


@dataclass(frozen=True, slots=True)
class Audience:
    """A frozen list. `body` says of what: the segment and its version, how many ids were asked for, or the question."""

    audience_id: str
    name: str
    origin: str
    body: dict[str, Any]
    size: int
    created_us: int


@dataclass(frozen=True, slots=True)
class Found:
    """Who is known by some ids, and the ids by which nobody is."""

    persons: list[int]
    unknown: list[str]
    staff: int
    """How many of the ids are of staff, who are in no list."""


def all_audiences(connection: Connection, corp_id: str) -> list[Audience]:
    asked = sa.select(audiences).where(audiences.c.corp_id == corp_id).order_by(audiences.c.created_us.desc())
    return [_audience(row) for row in connection.execute(asked)]


def get(connection: Connection, corp_id: str, audience_id: str) -> Audience:
    row = connection.execute(
        sa.select(audiences).where(audiences.c.corp_id == corp_id, audiences.c.audience_id == audience_id)
    ).one_or_none()
    if row is None:
        raise AudienceNotFound(audience_id)
    return _audience(row)


def _audience(row: Row[Any]) -> Audience:
    return Audience(row.audience_id, row.name, row.origin, msgspec.json.decode(row.body), row.size, row.created_us)


def persons_of(connection: Connection, corp_id: str, audience_id: str) -> list[int]:
    """Who is on the list, as whom they are now; not who was erased since."""
    asked = (
        sa.select(handles.c.person_id)
        .join(audience_members, audience_members.c.person == handles.c.handle)
        .join(people, people.c.person_id == handles.c.person_id)
        .where(
            handles.c.corp_id == corp_id,
            audience_members.c.corp_id == corp_id,
            audience_members.c.audience_id == audience_id,
            people.c.erased_us.is_(None),
        )
        .distinct()
        .order_by(handles.c.person_id)
    )
    return [row[0] for row in dialect.plain_rows(connection, asked)]


def freeze(connection: Connection, corp_id: str, segment_id: str, version: int, name: str, now_us: int) -> Audience:
    """The members of a segment at this moment."""
    asked = sa.select(segment_members.c.person).where(
        segment_members.c.corp_id == corp_id, segment_members.c.segment_id == segment_id
    )
    persons = [row[0] for row in dialect.plain_rows(connection, asked)]
    return _keep(connection, corp_id, name, "segment", {"segment": segment_id, "version": version}, persons, now_us)


def find(connection: Connection, corp_id: str, id_type: str, values: Sequence[str]) -> Found:
    """Who is known by ids of one type."""
    asked = {normal(Id(id_type, value)).value: value for value in values}
    persons: dict[str, int] = {}
    counted: set[int] = set()
    for part in slices(sorted(asked)):
        rows = connection.execute(
            sa.select(handles.c.id_value, handles.c.person_id, people.c.staff)
            .join(people, people.c.person_id == handles.c.person_id)
            .where(
                handles.c.corp_id == corp_id, handles.c.id_type == id_type, handles.c.id_value.in_(part),
                people.c.erased_us.is_(None),
            )
        )  # fmt: skip
        for value, person, staff in rows:
            persons[value] = person
            counted |= set() if staff else {person}
    unknown = [given for value, given in asked.items() if value not in persons]
    return Found(sorted(counted), unknown, sum(person not in counted for person in persons.values()))


def upload(
    connection: Connection, corp_id: str, name: str, id_type: str, values: Sequence[str], now_us: int
) -> tuple[Audience, Found]:
    """A list of the people known by these ids; what was not found is said and not kept."""
    found = find(connection, corp_id, id_type, values)
    if not found.persons:
        raise NobodyFound(len(values))
    body = {"id_type": id_type, "asked": len(values), "unknown": len(found.unknown), "staff": found.staff}
    return _keep(connection, corp_id, name, "upload", body, found.persons, now_us), found


def ask(ledger: Ledger, settings: Settings, corp_id: str, sql: str) -> list[int]:
    """The people that one SELECT names in its column `person`, of those who may be in a list."""
    try:
        rows = query(ledger.snapshot(corp_id), settings, sql)
    except ValueError as error:
        raise BadQuery(str(error)) from None
    if "person" not in rows.column_names:
        raise BadQuery("It gives no column called person.")
    column = rows["person"]
    if not pa.types.is_integer(column.type):
        raise BadQuery("Its column person holds no numbers of people.")
    wanted = {value for value in column.cast(pa.int64(), safe=False).to_pylist() if value is not None}
    found: list[int] = []
    with ledger.read() as connection:
        for part in slices(sorted(wanted)):
            asked = sa.select(people.c.person_id).where(
                people.c.corp_id == corp_id, people.c.person_id.in_(part), people.c.staff.is_(False),
                people.c.merged_into.is_(None), people.c.erased_us.is_(None),
            )  # fmt: skip
            found += connection.scalars(asked)
    return sorted(found)


def from_query(ledger: Ledger, settings: Settings, corp_id: str, name: str, sql: str, now_us: int) -> Audience:
    """A list of the people that a question names."""
    persons = ask(ledger, settings, corp_id, sql)
    if not persons:
        raise BadQuery("It names nobody.")
    with ledger.write() as connection:
        return _keep(connection, corp_id, name, "query", {"sql": sql}, persons, now_us)


def remove(connection: Connection, corp_id: str, audience_id: str) -> None:
    """Let go of a list that no segment is made of."""
    get(connection, corp_id, audience_id)
    for one in all_of(connection, corp_id):
        if f"audience:{audience_id}" in needs_of(one.rule):
            raise SegmentInUse(audience_id, one.name)
    for table in (audience_members, audiences):
        connection.execute(sa.delete(table).where(table.c.corp_id == corp_id, table.c.audience_id == audience_id))


def _keep(
    connection: Connection, corp_id: str, name: str, origin: str, body: dict[str, Any], persons: Sequence[int], now_us: int
) -> Audience:  # fmt: skip
    audience_id = f"aud{new_id()}"
    connection.execute(
        sa.insert(audiences).values(
            corp_id=corp_id, audience_id=audience_id, name=name, origin=origin, body=msgspec.json.encode(body).decode(),
            size=len(persons), created_us=now_us,
        )
    )  # fmt: skip
    rows = [(corp_id, audience_id, person) for person in persons]
    dialect.insert_many(connection, "audience_members", ("corp_id", "audience_id", "person"), rows)
    return get(connection, corp_id, audience_id)
