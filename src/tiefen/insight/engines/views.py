"""What the tables of a snapshot mean, in the SQL that both engines speak: said once, so that they cannot differ.

An engine brings `tail_NAME` (rows that are not in the lake yet), where to read the lake's files from, and `row_NAME` (the
small tables). Here people become whom they were merged with, and instants get the day they fell on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from tiefen.kit.clock import DAY_US, SECOND_US, from_us, offsets
from tiefen.ledger.lake import KIND_OF, WORDS, body_columns, schema_of
from tiefen.ledger.snapshot import Snapshot

FACTS: tuple[str, ...] = (*KIND_OF, WORDS)
"""The tables of facts."""
SMALL = {
    "person": "person", "group": "group", "source": "source", "advert_mark": "advert_mark", "person_of": "merge",
    "offer": "offer",
}  # fmt: skip
"""The small tables, and the rows of a snapshot that they are."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The few words in which the engines differ."""

    name: Callable[[str], str]
    text: Callable[[str], str]
    us: Callable[[str], str]
    """An instant as microseconds since 1970."""
    day: Callable[[str], str]
    """Microseconds as the day they fall on, in UTC."""
    each: str
    """The function that makes a row of every item of a list."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a snapshot is asked about."""

    snapshot: Snapshot
    group: int | None = None
    """Only the facts of this group; memberships stay whole, because overlap needs them."""
    until_us: int | None = None
    """Only what had happened before this instant, and who had come up by then."""


def columns_of(name: str) -> list[str]:
    """The columns that a table of facts has in its files and is given out with."""
    return [field.name for field in schema_of(name) if field.name not in {"month", "corp_id"}]


def facts(speak: Dialect, scope: Scope, name: str, lake: str | None) -> str:
    """One table of facts; `lake` is what its files are read from, where it has any."""
    columns = columns_of(name)
    listed = ", ".join(speak.name(column) for column in columns)
    held = []
    if scope.group is not None and "group" in columns:
        held.append(f"{speak.name('group')} = {int(scope.group)}")
    if (asked := scope.snapshot.rows.get("asked")) is not None:
        held += [f"{speak.name(whose)} IN ({_listed(asked)})" for whose in ("person", "member") if whose in columns]
    if scope.until_us is not None:
        held.append(f"happened_at < {_instant(scope.until_us)}")
    parts = [f"SELECT {listed} FROM tail_{name}{_where(held)}"]
    if lake is not None:
        corp = f"corp_id = {speak.text(scope.snapshot.corp_id)}"
        parts.append(f"SELECT {listed} FROM {lake}{_where([corp, *held])}")
    people = people_of(name) if scope.snapshot.rows["merge"].num_rows else []
    chosen = [
        f"COALESCE(m_{c}.person, f.{speak.name(c)}) AS {speak.name(c)}" if c in people else f"f.{speak.name(c)}"
        for c in columns
    ]
    joins = "".join(f" LEFT JOIN row_merge AS m_{c} ON m_{c}.handle = f.{speak.name(c)}" for c in people)
    at = "f.happened_at"
    added = f"{speak.us(at)} AS happened_us, {_day(speak, scope.snapshot, at)} AS day"
    return f"SELECT {', '.join(chosen)}, {added} FROM ({' UNION ALL '.join(parts)}) AS f{joins}"


_MOST_LISTED = 2_000
"""So many handles are written into the question, so that files without any of them are not opened."""


def _listed(asked: pa.Table) -> str:
    if 0 < asked.num_rows <= _MOST_LISTED:
        return ", ".join(str(int(handle)) for handle in asked["handle"].to_pylist())
    return "SELECT handle FROM row_asked"


def people_of(name: str) -> list[str]:
    """The columns of a table of facts that tell of a person."""
    return ["member"] if name == WORDS else _refs(name, "person", many=False)


def stay(speak: Dialect, snapshot: Snapshot) -> str:
    """Who was in which group from when to when."""
    return f"""SELECT s.stay_id, s.{speak.name("group")}, COALESCE(m.person, s.member) AS person, s.joined_at, s.left_at,
        {_day(speak, snapshot, "s.joined_at")} AS joined_on, {_day(speak, snapshot, "s.left_at")} AS left_on,
        {speak.us("s.joined_at")} AS joined_us, {speak.us("s.left_at")} AS left_us,
        s.join_known, s.left_known, s.via, s.how, COALESCE(i.person, s.invited_by) AS invited_by
        FROM row_stay AS s LEFT JOIN row_merge AS m ON m.handle = s.member
        LEFT JOIN row_merge AS i ON i.handle = s.invited_by"""


def small(speak: Dialect, name: str, *, known: bool) -> str:
    """One of the small tables; with `known`, of people, groups and sources only those in the table `known_NAME`."""
    rows = f"SELECT * FROM row_{SMALL[name]}"
    if known and name in KNOWN:
        rows += f" WHERE {speak.name(name)} IN (SELECT {speak.name(name)} FROM known_{name})"
    return rows


KNOWN = ("person", "group", "source")
"""What comes up at some time, and is not there before."""


def known(speak: Dialect, what: str) -> str:
    """Every person, group or source that comes up in any fact or membership."""
    asked = [f"SELECT {speak.name(c)} AS x FROM {name}" for name in KIND_OF for c in _refs(name, what, many=False)]
    for name in KIND_OF:
        for column in _refs(name, what, many=True):
            each = f"(SELECT {speak.each}({speak.name(column)}) AS handle FROM {name}) AS e"
            if what == "person":
                each += " LEFT JOIN row_merge AS m ON m.handle = e.handle"
            whom = "COALESCE(m.person, e.handle)" if what == "person" else "e.handle"
            asked.append(f"SELECT {whom} AS x FROM {each}")
    asked += [f"SELECT {speak.name(c)} AS x FROM stay" for c in _IN_STAYS.get(what, ())]
    return f"SELECT DISTINCT x AS {speak.name(what)} FROM ({' UNION ALL '.join(asked)}) AS u WHERE x IS NOT NULL"


_IN_STAYS = {"person": ("person", "invited_by"), "group": ("group",)}


def _refs(name: str, what: str, *, many: bool) -> list[str]:
    return [column.name for column in body_columns(name) if column.ref == what and column.many == many]


def files(snapshot: Snapshot) -> Iterator[tuple[str, list[str]]]:
    """The tables of facts that have files in the lake, and these."""
    for name in FACTS:
        if some := snapshot.files.get(name):
            yield name, list(some)


def _where(held: list[str]) -> str:
    return f" WHERE {' AND '.join(held)}" if held else ""


def _instant(us: int) -> str:
    return f"TIMESTAMP '{from_us(us):%Y-%m-%d %H:%M:%S.%f}+00:00'"


def _day(speak: Dialect, snapshot: Snapshot, column: str) -> str:
    """The day in the corp's zone on which an instant falls: one addition for each stretch of constant offset."""
    first = min(snapshot.first_us if snapshot.first_us is not None else snapshot.taken_us, snapshot.taken_us)
    last = max(snapshot.taken_us, snapshot.last_us or 0)
    stretches = offsets(snapshot.time_zone, first - DAY_US, last + DAY_US)
    us = speak.us(column)
    shift = str(stretches[0][1] * SECOND_US)
    if len(stretches) > 1:
        cases = " ".join(f"WHEN {us} >= {start} THEN {s * SECOND_US}" for start, s in reversed(stretches[1:]))
        shift = f"CASE {cases} ELSE {shift} END"
    return speak.day(f"{us} + {shift}")
