"""What rules are asked of: everybody's facts at one moment, and what is known beside them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any

import msgspec
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.readings import Reading
from tiefen.kit.clock import DAY_US, from_us
from tiefen.kit.slices import slices
from tiefen.ledger import dialect
from tiefen.ledger.group_kinds import kinds_of_groups
from tiefen.ledger.schema import handles, people
from tiefen.ledger.schema.segments import audience_members

NAME = "name"
"""The attribute that stands for what somebody is called."""


@dataclass(frozen=True)
class Beside:
    """What is known of people beside the facts, as far as a rule needs it. Persons are as they are now, after all merges."""

    erased: pa.Table = field(default_factory=lambda: pa.table({"person": pa.array([], pa.int64())}))
    """(person): who was erased."""
    attributes: Mapping[str, pa.Table] = field(default_factory=dict)
    """By key: (person, value), the value as JSON."""
    numbers: pa.Table | None = None
    """(person, …) of the reading's table of persons; somebody merged since may be there more than once."""
    stages: pa.Table | None = None
    """(group, stage, health) of the reading."""
    audiences: Mapping[str, pa.Table] = field(default_factory=dict)
    """By id: (person)."""
    complaints: pa.Table | None = None
    """(person, happened_us, seq) of the reading."""
    kinds: pa.Table | None = None
    """(group, kind) as of now: what was said of a group or, where nothing was, what its name sounds like."""
    roles: pa.Table | None = None
    """(group, person, role) of the reading; somebody merged since may have several in a group."""


def beside(
    connection: Connection, corp_id: str, reading: Reading | None, needs: Collection[str], some: Collection[int] | None = None
) -> Beside:  # fmt: skip
    """Load what a rule needs: of everybody, or of some."""
    keys = sorted(need.partition(":")[2] for need in needs if need.startswith("attribute:"))
    columns = sorted(need.partition(":")[2] for need in needs if need.startswith("number:"))
    lists = sorted(need.partition(":")[2] for need in needs if need.startswith("audience:"))
    return Beside(
        _erased(connection, corp_id, some),
        _attributes(connection, corp_id, keys, some) if keys else {},
        _numbers(connection, corp_id, reading, columns) if columns and reading is not None else None,
        _stages(reading) if "stages" in needs and reading is not None else None,
        {key: _audience(connection, corp_id, key) for key in lists},
        _complaints(connection, corp_id, reading) if "complaints" in needs and reading is not None else None,
        _kinds(connection, corp_id) if "kinds" in needs else None,
        _roles(connection, corp_id, reading) if "roles" in needs and reading is not None else None,
    )


def _erased(connection: Connection, corp_id: str, some: Collection[int] | None) -> pa.Table:
    asked = sa.select(people.c.person_id).where(people.c.corp_id == corp_id, people.c.erased_us.is_not(None))
    found = [row[0] for part in _parts(some) for row in dialect.plain_rows(connection, _only(asked, part))]
    return pa.table({"person": pa.array(found, pa.int64())})


def _attributes(
    connection: Connection, corp_id: str, keys: Collection[str], some: Collection[int] | None
) -> dict[str, pa.Table]:
    asked = sa.select(people.c.person_id, people.c.name, people.c.attributes).where(
        people.c.corp_id == corp_id, people.c.merged_into.is_(None), people.c.erased_us.is_(None)
    )
    if some is None and NAME not in keys:
        asked = asked.where(
            sa.or_(*(people.c.attributes.contains(msgspec.json.encode(key).decode(), autoescape=True) for key in keys))
        )
    found: dict[str, tuple[list[int], list[str]]] = {key: ([], []) for key in keys}
    decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
    for part in _parts(some):
        for person, name, attributes in dialect.plain_rows(connection, _only(asked, part)):
            known = decode(attributes)
            for key, (persons, values) in found.items():
                if key == NAME and name:
                    persons.append(person)
                    values.append(msgspec.json.encode(name).decode())
                elif key in known:
                    persons.append(person)
                    values.append(bytes(known[key]).decode())
    return {
        key: pa.table({"person": pa.array(persons, pa.int64()), "value": pa.array(values, pa.string())})
        for key, (persons, values) in found.items()
    }


def _numbers(connection: Connection, corp_id: str, reading: Reading, columns: Collection[str]) -> pa.Table:
    """As of the reading; whoever was merged since counts as whom they became."""
    path = reading.folder / "persons.parquet"
    there = [name for name in columns if name in pq.read_schema(path).names]
    table = pq.read_table(path, columns=["person", *there])
    for name in set(columns) - set(there):
        table = table.append_column(name, pa.nulls(table.num_rows, pa.float64()))
    return _become(connection, corp_id, table)


def _become(connection: Connection, corp_id: str, table: pa.Table) -> pa.Table:
    """Rows of a reading under whom their people are now."""
    gone = sa.select(people.c.person_id).where(people.c.corp_id == corp_id, people.c.merged_into.is_not(None))
    merged = {row[0] for row in dialect.plain_rows(connection, gone)}
    if not merged:
        return table
    asked = sa.select(handles.c.handle, handles.c.person_id).where(
        handles.c.corp_id == corp_id, handles.c.handle != handles.c.person_id
    )
    became = {handle: person for handle, person in dialect.plain_rows(connection, asked) if handle in merged}
    persons = pa.array([became.get(p, p) for p in table["person"].to_pylist()], pa.int64())
    return table.set_column(table.schema.get_field_index("person"), "person", persons)


def _stages(reading: Reading) -> pa.Table:
    path = reading.folder / "groups.parquet"
    return pq.read_table(path, columns=["group", "stage", "health"])


def _kinds(connection: Connection, corp_id: str) -> pa.Table:
    kinds = kinds_of_groups(connection, corp_id)
    said = [one.kind for one in kinds.values()]
    return pa.table({"group": pa.array(kinds, pa.int64()), "kind": pa.array(said, pa.string())})


def _roles(connection: Connection, corp_id: str, reading: Reading) -> pa.Table:
    path = reading.folder / "group_people.parquet"
    return _become(connection, corp_id, pq.read_table(path, columns=["group", "person", "role"]))


def _complaints(connection: Connection, corp_id: str, reading: Reading) -> pa.Table | None:
    path = reading.folder / "complaints.parquet"
    if not path.exists():
        return None  # made by a version that did not tell
    return _become(connection, corp_id, pq.read_table(path, columns=["person", "happened_us", "seq"]))


def _audience(connection: Connection, corp_id: str, audience_id: str) -> pa.Table:
    asked = (
        sa.select(handles.c.person_id)
        .join(audience_members, audience_members.c.person == handles.c.handle)
        .where(
            handles.c.corp_id == corp_id,
            audience_members.c.corp_id == corp_id,
            audience_members.c.audience_id == audience_id,
        )
        .distinct()
    )
    return pa.table({"person": pa.array([row[0] for row in dialect.plain_rows(connection, asked)], pa.int64())})


def _parts(some: Collection[int] | None) -> list[list[int] | None]:
    if some is None:
        return [None]
    return [list(part) for part in slices(sorted(some))]


def _only(asked: sa.Select[Any], part: list[int] | None) -> sa.Select[Any]:
    return asked if part is None else asked.where(people.c.person_id.in_(part))


class Told:
    """What everybody's facts said of conditions at one moment, so that none is asked twice; what was not used the longest goes when
    it grows large."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, npt.NDArray[Any]] = OrderedDict()
        self._bytes = 0

    def of(self, key: Hashable, ask: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        if key not in self._found:
            self._found[key] = found = ask()
            self._bytes += found.nbytes
            while self._bytes > _MOST_BYTES and len(self._found) > 1:
                self._bytes -= self._found.popitem(last=False)[1].nbytes
        self._found.move_to_end(key)
        return self._found[key]


_MOST_BYTES = 1 << 27


class Scene:
    """Everything a rule is asked of, as Ibis tables. `now` is asked of a table, so that a rule is the same expression from one
    moment to the next and is compiled once."""

    def __init__(self, t: Tables, now_us: int, known: Beside, told: Told | None = None) -> None:
        self.t, self.now_us, self.known = t, now_us, known
        self.told = Told() if told is None else told
        self._given: dict[str, ir.Table] = {}
        self.now: Any = self.given("rule_now", pa.table({"us": pa.array([now_us], pa.int64())})).us.as_scalar()
        self.given("rule_erased", known.erased)
        last_us = t.snapshot.last_us
        self.later = last_us is not None and last_us > now_us
        """Whether there are facts of a later moment."""
        self.shape = (
            self.later,
            t.snapshot.time_zone,
            now_us // DAY_US,
            known.stages is None,
            known.kinds is None,
            known.roles is None,
            known.complaints is None,
            None if known.numbers is None else tuple(known.numbers.column_names),
        )
        """What the expression of a rule depends on beside the rule."""

    @property
    def time_zone(self) -> str:
        return self.t.snapshot.time_zone

    def given(self, name: str, table: pa.Table) -> ir.Table:
        """A table of ours under a name, given once."""
        if name not in self._given:
            self._given[name] = self.t.given(name, table)
        return self._given[name]

    def attribute(self, key: str) -> pa.Table:
        return self.known.attributes[key]

    def recent(self, table: ir.Table, days: int | None) -> ir.Table:
        """The rows of a table of facts of the last days or later, to the day: an expression is made once a day, and files know
        between which instants they are."""
        if days is None:
            return table
        first_us = max(self.now_us // DAY_US - days - 1, 0) * DAY_US
        return table.filter(table.happened_at >= ibis.literal(from_us(first_us)))

    @cached_property
    def everybody(self) -> ir.Table:
        """(person): all that a segment may hold. Not staff, nobody erased, and nobody who became somebody else."""
        person = self.t["person"]
        return (
            person.filter(~person.staff)
            .select("person")
            .anti_join(self.given("rule_erased", self.known.erased), "person")
        )

    def numbers(self) -> ir.Table | None:
        """(person, …) of the reading, what the rule needs of it; None where there is no reading yet."""
        if self.known.numbers is None:
            return None
        return self.given(f"rule_numbers_{name_for(*self.known.numbers.column_names)}", self.known.numbers)

    def nobody(self) -> ir.Table:
        """(person, starts, ends) of no one."""
        kind = pa.int64()
        return self.given("rule_nobody", pa.table({name: pa.array([], kind) for name in ("person", "starts", "ends")}))


def name_for(*parts: object) -> str:
    """A short name for a given table, the same for the same parts."""
    return blake2b("\0".join(map(str, parts)).encode(), digest_size=8).hexdigest()
