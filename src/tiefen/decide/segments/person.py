"""One person as a rule sees them: their facts, stays, attributes and numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from tiefen.decide.segments.scene import Beside
from tiefen.insight.engine import Tables
from tiefen.insight.questions.acts import facts_of, read
from tiefen.ledger.lake import KIND_OF, body_columns, table_name

Row = Mapping[str, Any]


class Done(NamedTuple):
    """Something a person did."""

    us: int
    seq: int
    fen: int
    table: str
    row: Row


class Stay(NamedTuple):
    group: int
    joined_us: int
    left_us: int | None


@dataclass(frozen=True)
class Seen:
    """Somebody at one moment. `counts` is false for staff, for whoever was erased, and for who is somebody else by now: no
    segment holds them."""

    person: int
    time_zone: str
    counts: bool
    facts: Mapping[str, Sequence[Row]]
    """By table, those loaded, in order of (happened_us, seq)."""
    stays: Sequence[Stay]
    attributes: Mapping[str, Any]
    numbers: Sequence[Row]
    """Of the reading; several where people were merged since it was made."""
    stages: Mapping[int, tuple[str, str]]
    """By group: (stage, health) of the reading."""
    kinds: Mapping[int, str]
    """By group: its kind as of now."""
    roles: frozenset[tuple[int, str]]
    """(group, role in it) of the reading."""
    audiences: frozenset[str]
    complaints: Sequence[tuple[int, int]]
    """(happened_us, seq) of the reading."""

    def rows(self, kind: str) -> Sequence[Row]:
        """Their facts of a kind."""
        return self.facts.get(table_name(kind), ())

    def did(self, act: str) -> list[Done]:
        """Every time they did it, in order."""
        found = [
            Done(row["happened_us"], row["seq"], told[1], table, row)
            for table, reader in _readers(act).items()
            for row in self.facts.get(table, ())
            if (told := reader(row)) is not None
        ]
        return sorted(found, key=lambda done: done[:2])


@cache
def _readers(act: str) -> dict[str, Any]:
    return facts_of(read(act))


def seen_by(t: Tables, known: Beside, kinds: Iterable[str], some: Collection[int] | None = None) -> dict[int, Seen]:
    """Everybody in the tables (or some of them) as a rule that reacts to these kinds sees them."""
    facts: dict[int, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for table in sorted({table_name(kind) for kind in kinds} & set(KIND_OF)):
        who = _who(table)
        if who is None:
            continue
        rows = t.raw(f"SELECT * FROM {table}").drop_columns(["happened_at", "day"]).to_pylist()
        for row in sorted(rows, key=lambda row: (row["happened_us"], row["seq"])):
            if row[who] is not None:
                facts[row[who]][table].append(row)
    stays: dict[int, list[Stay]] = defaultdict(list)
    for row in t.raw('SELECT person, "group", joined_us, left_us FROM stay').to_pylist():
        stays[row["person"]].append(Stay(row["group"], row["joined_us"], row["left_us"]))
    attributes: dict[int, dict[str, Any]] = defaultdict(dict)
    for key, values in known.attributes.items():
        for row in values.to_pylist():
            attributes[row["person"]][key] = msgspec.json.decode(row["value"])
    numbers = _by_person(known.numbers)
    lists: dict[int, set[str]] = defaultdict(set)
    for key, members in known.audiences.items():
        for person in members["person"].to_pylist():
            lists[person].add(key)
    stages = (
        {r["group"]: (r["stage"], r["health"]) for r in known.stages.to_pylist()} if known.stages is not None else {}
    )
    group_kinds: dict[int, str] = (
        {r["group"]: r["kind"] for r in known.kinds.to_pylist()} if known.kinds is not None else {}
    )
    roles: dict[int, set[tuple[int, str]]] = defaultdict(set)
    for row in _of_some(known.roles, some):
        roles[row["person"]].add((row["group"], row["role"]))
    complaints: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in known.complaints.to_pylist() if known.complaints is not None else ():
        complaints[row["person"]].append((row["happened_us"], row["seq"]))
    erased = set(known.erased["person"].to_pylist())
    staff = {row["person"]: row["staff"] for row in t.raw("SELECT person, staff FROM person").to_pylist()}
    return {
        person: Seen(
            person, t.snapshot.time_zone, person in staff and not staff[person] and person not in erased,
            facts[person], sorted(stays[person], key=lambda stay: (stay.joined_us, stay.group)), attributes[person],
            numbers.get(person, ()), stages, group_kinds, frozenset(roles[person]),
            frozenset(lists[person]), complaints[person],
        )
        for person in (staff if some is None else some)
    }  # fmt: skip


def _of_some(table: pa.Table | None, some: Collection[int] | None) -> list[Row]:
    if table is None:
        return []
    return list(
        (table if some is None else table.filter(pc.is_in(table["person"], pa.array(some, pa.int64())))).to_pylist()
    )


def _by_person(table: pa.Table | None) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in table.to_pylist() if table is not None else ():
        found[row["person"]].append(row)
    return found


def _who(table: str) -> str | None:
    names = {column.name for column in body_columns(table)}
    return next((name for name in ("person", "member") if name in names), None)
