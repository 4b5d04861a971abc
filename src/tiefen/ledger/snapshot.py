"""A consistent reading: the lake at its versions, the store's tail after it, and the small tables, all of one moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.clock import now_us
from tiefen.kit.slices import slices
from tiefen.ledger import corps, dialect
from tiefen.ledger.facts import KINDS, MemberJoined, MemberLeft
from tiefen.ledger.flushing import FACT_ROW, WORD_ROW, state
from tiefen.ledger.lake import (
    KIND_OF,
    WORDS,
    Lake,
    facts_to_arrow,
    rows_of,
    schema_of,
    split_by_kind,
    table_name,
    words_to_arrow,
)
from tiefen.ledger.schema import advert_marks, fact_counts, facts, groups, handles, sources, stays, words
from tiefen.ledger.schema import people as people_rows
from tiefen.ledger.store import Transactions

_INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Snapshot:
    """Everything of one corp at one moment. Engine-free: file names and Arrow tables."""

    corp_id: str
    through: int
    """The highest `seq` that is in it."""
    taken_us: int
    time_zone: str
    currency: str
    first_us: int | None
    """The earliest and latest `happened_us` of any fact; None where there are none."""
    last_us: int | None
    files: Mapping[str, list[str]]
    """By table: the Parquet files of the lake. They hold all corps; `corp_id` tells."""
    tail: Mapping[str, pa.Table]
    """By table: rows of this corp that are not in the lake yet."""
    rows: Mapping[str, pa.Table]
    """Small tables of this corp: stay, merge, person, group, source, advert_mark, offer. Where only some people were asked about,
    `asked` has their handles."""
    latest_us: int | None = None
    """The latest `happened_us`, up to now, of what happened in the world; our own notes on who is who do not count."""

    def facts_in_lake(self) -> int:
        """How many facts of this corp the lake holds."""
        return sum(
            rows_of(files, schema=_flat(schema_of(name))).count_rows(filter=pc.field("corp_id") == self.corp_id)
            for name, files in self.files.items()
            if name != WORDS and files
        )


def _flat(schema: pa.Schema) -> pa.Schema:
    """Without the partition column, which is in the path and not in the file."""
    return pa.schema([field for field in schema if field.name != "month"])


def take(
    transactions: Transactions,
    lake: Lake,
    corp_id: str,
    *,
    facts_only: bool = False,
    people: Collection[int] | None = None,
    kinds: Collection[str] | None = None,
) -> Snapshot:
    """Read one moment, in one transaction of the store. With `facts_only` the small tables are left out.

    With `people`, only what is theirs is there: their rows of the small tables and, in `asked`, their handles, by which whoever
    opens the snapshot leaves out the facts of others; what was said is left out. With `kinds`, facts of other kinds are, and
    so are what operators marked and, of stays, who invited and how (all of them where none of the kinds is of coming or going).
    """
    with transactions.read() as connection, dialect.no_garbage():
        corp = corps.get(connection, corp_id)
        through, versions = state(connection)
        mine = sa.select(*FACT_ROW).where(facts.c.seq > through, facts.c.corp_id == corp_id).order_by(facts.c.seq)
        recent = dialect.plain_rows(connection, mine if kinds is None else mine.where(facts.c.kind.in_(sorted(kinds))))
        their_words = sa.select(*WORD_ROW).where(words.c.seq > through, words.c.corp_id == corp_id)
        said = dialect.plain_rows(connection, their_words) if people is None else []
        last = connection.execute(sa.select(sa.func.max(facts.c.seq))).scalar() or through
        first_us, last_us = connection.execute(
            sa.select(sa.func.min(fact_counts.c.first_us), sa.func.max(fact_counts.c.last_us)).where(
                fact_counts.c.corp_id == corp_id
            )
        ).one()
        latest_us = connection.execute(_latest(corp_id, now_us())).scalar()
        if people is not None:
            rows = _of_people(connection, corp_id, people)
        else:
            readers = _SMALL if kinds is None else _SMALL | {"stay": _no_stay, "advert_mark": _no_mark}
            if kinds is not None and {MemberJoined.kind, MemberLeft.kind} & set(kinds):
                readers = readers | {"stay": _bare_stay}
            rows = {name: read(connection, corp_id) for name, read in readers.items() if not facts_only}
        if not facts_only:
            rows["offer"] = offers_of(corp.settings)
        wanted = None if kinds is None else {table_name(kind) for kind in kinds}
        files = lake.files({n: v for n, v in versions.items() if wanted is None or n in wanted})
    tail = {name: schema_of(name).empty_table() for name in (*KIND_OF, WORDS)}
    tail |= {table_name(kind): facts_to_arrow(kind, some) for kind, some in split_by_kind(recent).items()}
    if said:
        tail[WORDS] = words_to_arrow(said)
    return Snapshot(
        corp_id, max(through, last), now_us(), corp.time_zone, corp.currency, first_us, last_us, files, tail, rows,
        latest_us,
    )  # fmt: skip


def _latest(corp_id: str, now: int) -> sa.Select[Any]:
    own = [kind.kind for kind in KINDS if kind.own]
    latest = sa.case((fact_counts.c.last_us > now, now), else_=fact_counts.c.last_us)
    return sa.select(sa.func.max(latest)).where(fact_counts.c.corp_id == corp_id, fact_counts.c.kind.not_in(own))


def _of_people(connection: Connection, corp_id: str, some: Collection[int]) -> dict[str, pa.Table]:
    """The small tables, of these people alone; and of staff who is whom, since facts of others name them."""
    merges: list[tuple[int, int]] = []
    asked: list[int] = []
    persons: list[pa.Table] = []
    for part in slices(sorted(some)):
        theirs = sa.select(handles.c.handle, handles.c.person_id).where(
            handles.c.corp_id == corp_id, handles.c.person_id.in_(part)
        )
        for handle, person in dialect.plain_rows(connection, theirs):
            asked.append(handle)
            if handle != person:
                merges.append((handle, person))
        persons.append(_table(connection, _people(corp_id).where(people_rows.c.person_id.in_(part)), _PERSON))
    of_staff = (
        sa.select(handles.c.handle, handles.c.person_id)
        .join(people_rows, people_rows.c.person_id == handles.c.person_id)
        .where(
            handles.c.corp_id == corp_id,
            people_rows.c.corp_id == corp_id,
            people_rows.c.staff,
            handles.c.handle != handles.c.person_id,
        )
    )
    merges += [(handle, person) for handle, person in dialect.plain_rows(connection, of_staff)]
    merged = dict(merges)
    stays_of = [
        _table(connection, _stays(corp_id).where(stays.c.member.in_(part)), _STAY) for part in slices(sorted(asked))
    ]
    return {
        "stay": pa.concat_tables([_table_of(_STAY), *stays_of]),
        "merge": pa.table({"handle": pa.array(merged, pa.int64()), "person": pa.array(merged.values(), pa.int64())}),
        "person": pa.concat_tables([_table_of(_PERSON), *persons]),
        "group": _group(connection, corp_id),
        "source": _source(connection, corp_id),
        "advert_mark": _advert_mark(connection, corp_id),
        "asked": pa.table({"handle": pa.array(sorted(asked), pa.int64())}),
    }


def _table_of(types: dict[str, pa.DataType]) -> pa.Table:
    return pa.schema(list(types.items())).empty_table()


_STAY = {
    "stay_id": pa.int64(), "group": pa.int64(), "member": pa.int64(), "joined_at": _INSTANT,
    "left_at": _INSTANT, "join_known": pa.bool_(), "left_known": pa.bool_(), "via": pa.string(),
    "how": pa.string(), "invited_by": pa.int64(),
}  # fmt: skip
_PERSON = {"person": pa.int64(), "staff": pa.bool_()}


def _stays(corp_id: str) -> sa.Select[Any]:
    return sa.select(
        stays.c.stay_id, stays.c.group, stays.c.member, stays.c.joined_us.label("joined_at"),
        stays.c.left_us.label("left_at"), stays.c.join_known, stays.c.left_known, stays.c.via, stays.c.how,
        stays.c.invited_by,
    ).where(stays.c.corp_id == corp_id)  # fmt: skip


def _people(corp_id: str) -> sa.Select[Any]:
    return sa.select(people_rows.c.person_id.label("person"), people_rows.c.staff).where(
        people_rows.c.corp_id == corp_id, people_rows.c.merged_into.is_(None)
    )


def _stay(connection: Connection, corp_id: str) -> pa.Table:
    return _table(connection, _stays(corp_id), _STAY)


def _bare_stay(connection: Connection, corp_id: str) -> pa.Table:
    """Who was where from when to when, and no more: a third of the work."""
    asked = sa.select(stays.c.group, stays.c.member, stays.c.joined_us, stays.c.left_us).where(
        stays.c.corp_id == corp_id
    )
    types = {name: _STAY[name] for name in ("group", "member", "joined_at", "left_at")}
    bare = _table(connection, asked, types)
    return pa.table(
        {name: bare[name] if name in types else pa.nulls(bare.num_rows, kind) for name, kind in _STAY.items()}
    )


def _no_stay(_: Connection, __: str) -> pa.Table:
    return _table_of(_STAY)


def _no_mark(_: Connection, __: str) -> pa.Table:
    return _table_of({"message": pa.string(), "advert": pa.bool_(), "talk": pa.string()})


def _merge(connection: Connection, corp_id: str) -> pa.Table:
    asked = sa.select(handles.c.handle, handles.c.person_id.label("person")).where(
        handles.c.corp_id == corp_id, handles.c.handle != handles.c.person_id
    )
    return _table(connection, asked, {"handle": pa.int64(), "person": pa.int64()})


def _person(connection: Connection, corp_id: str) -> pa.Table:
    return _table(connection, _people(corp_id), _PERSON)


def _group(connection: Connection, corp_id: str) -> pa.Table:
    asked = sa.select(
        groups.c.group_id.label("group"), groups.c.created_us.label("created_at"),
        groups.c.dismissed_us.label("dismissed_at"),
    ).where(groups.c.corp_id == corp_id)  # fmt: skip
    return _table(connection, asked, {"group": pa.int64(), "created_at": _INSTANT, "dismissed_at": _INSTANT})


def _source(connection: Connection, corp_id: str) -> pa.Table:
    asked = sa.select(sources.c.source_id.label("source"), sources.c.name).where(sources.c.corp_id == corp_id)
    return _table(connection, asked, {"source": pa.int64(), "name": pa.string()})


def _advert_mark(connection: Connection, corp_id: str) -> pa.Table:
    columns = advert_marks.c.message, advert_marks.c.advert, advert_marks.c.talk
    asked = sa.select(*columns).where(advert_marks.c.corp_id == corp_id)
    return _table(connection, asked, {"message": pa.string(), "advert": pa.bool_(), "talk": pa.string()})


_SMALL = {
    "stay": _stay, "merge": _merge, "person": _person, "group": _group, "source": _source, "advert_mark": _advert_mark,
}  # fmt: skip


OFFER = pa.schema([
    ("rung", pa.int64()), ("name", pa.string()), ("sku", pa.string()), ("from_fen", pa.int64()), ("to_fen", pa.int64()),
])  # fmt: skip


def offers_of(settings: Mapping[str, Any]) -> pa.Table:
    """The ladder of offers as the company set it up: a row for each good that a rung names, or for its range of prices."""
    rows = [
        {
            "rung": number, "name": rung["name"], "sku": sku, "from_fen": rung.get("from_fen"), "to_fen": rung.get("to_fen"),
        }
        for number, rung in enumerate(settings.get("offer_ladder", ()), 1)
        for sku in rung.get("skus") or [None]
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, OFFER)


def _table(connection: Connection, asked: sa.Select[Any], types: dict[str, pa.DataType]) -> pa.Table:
    columns = None
    if pa.string() not in types.values():
        columns = dialect.integers(connection, asked)
    if columns is None:
        rows = dialect.plain_rows(connection, asked)
        values = zip(*rows, strict=True) if rows else [()] * len(types)
        columns = [
            pa.array(some, kind if pa.types.is_string(kind) else None)
            for some, kind in zip(values, types.values(), strict=True)
        ]
    return pa.Table.from_arrays(
        [some.cast(kind) for some, kind in zip(columns, types.values(), strict=True)], names=list(types)
    )
