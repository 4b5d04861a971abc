"""What a purchase model needs to know of people: how often they came back, when last, since when they are known.

Four numbers a person say it all (Schmittlein, Morrison and Colombo 1987): a model of who comes back looks at nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DENSE = 1 << 25
"""So many different keys are counted in an array with a place for each; more are sorted."""
_AT_ONCE = 1 << 15
"""Records looked at once: what they take stays near the processor."""


@dataclass(frozen=True, slots=True)
class Records:
    """One row for each person who ever ordered. Times are in one unit, days unless they were `scaled`."""

    person: Ints
    frequency: Floats
    """How many times they ordered after the first: order days, or instants where records are exact."""
    recency: Floats
    """From the first order to the last; 0 where there was one."""
    age: Floats
    """From the first order to the moment the records are as of."""
    spent_fen: Floats
    """What they paid at those later times, less what they got back for them. Never negative."""

    def __post_init__(self) -> None:
        lengths = {len(column) for column in (self.person, self.frequency, self.recency, self.age, self.spent_fen)}
        if len(lengths) > 1:
            raise ValueError("The columns of records differ in length.")
        if not self._sound():
            raise ValueError("Records need 0 ≤ recency ≤ age, whole frequencies and finite numbers.")

    def _sound(self) -> bool:
        whole = self.frequency >= 0
        whole &= self.frequency == np.floor(self.frequency)
        ordered = (self.recency >= 0) & (self.recency <= self.age) & np.isfinite(self.age)
        return bool(np.all(whole & ordered & np.isfinite(self.spent_fen)))

    def __len__(self) -> int:
        return len(self.person)

    def scaled(self, days: float) -> Records:
        """The same with times in units of so many days: `scaled(7)` is in weeks, as published figures are."""
        return replace(self, recency=self.recency / days, age=self.age / days)

    def to_arrow(self) -> pa.Table:
        """(person, frequency, recency, age, spent_fen)"""
        return pa.table({name: getattr(self, name) for name in _COLUMNS}, schema=SCHEMA)

    @classmethod
    def from_arrow(cls, table: pa.Table) -> Records:
        """Records of a table that has these columns; a null in one of them is a ValueError."""
        return cls(**{name: _column(table, name, kind) for name, kind in _COLUMNS.items()})


_COLUMNS = {
    "person": np.int64,
    "frequency": np.float64,
    "recency": np.float64,
    "age": np.float64,
    "spent_fen": np.float64,
}
SCHEMA = pa.schema([(name, pa.from_numpy_dtype(np.dtype(kind))) for name, kind in _COLUMNS.items()])


def _column(table: pa.Table, name: str, kind: type) -> NDArray[Any]:
    column = table[name]
    if column.null_count:
        raise ValueError(f"{name} is missing for somebody.")
    return np.asarray(column.to_numpy(), dtype=kind)


@dataclass(frozen=True, slots=True)
class Rows:
    """Records that are alike, once each. With whole days a million people are some ten thousand rows."""

    frequency: Floats
    recency: Floats
    age: Floats
    people: Floats
    """How many people each row stands for."""
    of: Ints
    """The row of each person; empty where it was not asked for."""

    def __len__(self) -> int:
        return len(self.people)

    def scaled(self, by: float) -> Rows:
        """The same with times divided by `by`."""
        return replace(self, recency=self.recency / by, age=self.age / by)

    def at(self, which: NDArray[np.generic]) -> Rows:
        """Some of the rows, without who is in them."""
        return Rows(self.frequency[which], self.recency[which], self.age[which], self.people[which], NOBODY)


NOBODY = np.empty(0, np.int64)


def apart(frequency: Floats, recency: Floats, age: Floats) -> Rows:
    """Every record as a row of its own."""
    each = np.ones(len(age))
    return Rows(frequency, recency, age, each, np.arange(len(age)))


def alike(records: Records, *, who: bool = False) -> Rows:
    """Put records together that are the same in frequency, recency and age; with `who`, say who is in which row."""
    columns = (records.frequency, records.recency, records.age)
    if not len(records):
        return apart(*columns)
    key, sizes, levels = _keys(columns)
    if np.prod(sizes, dtype=float) > 2.0**62:
        raise ValueError("Records differ too much to be numbered.")
    found, people, of = _counted(key, int(np.prod(sizes)), who)
    codes = np.unravel_index(found, sizes)
    frequency, recency, age = (
        code.astype(np.float64) if at is None else at[code] for code, at in zip(codes, levels, strict=True)
    )
    return Rows(frequency, recency, age, people.astype(np.float64), of)


def _keys(columns: tuple[Floats, ...]) -> tuple[Ints, tuple[int, ...], list[Floats | None]]:
    """One whole number a record; how many values each column has; the values, or None where a code is its own value."""
    coded = [_coded(column) for column in columns]
    sizes, key = tuple(size for _, size, _ in coded), np.zeros(len(columns[0]), np.int64)
    for part in _parts(len(key)):
        some = key[part]
        for code, size, _ in coded:
            some *= size
            some += code[part].astype(np.int64)
    return key, sizes, [values for _, _, values in coded]


def _coded(column: Floats) -> tuple[Floats | Ints, int, Floats | None]:
    """Codes of a column's values. Small whole numbers are codes already."""
    most = float(column.max())
    if most < 1 << 16 and all(np.array_equal(column[part], np.floor(column[part])) for part in _parts(len(column))):
        return column, int(most) + 1, None
    values, code = np.unique(column, return_inverse=True)
    return code, len(values), values


def _parts(length: int) -> Iterator[slice]:
    return (slice(at, at + _AT_ONCE) for at in range(0, length, _AT_ONCE))


def _counted(key: Ints, size: int, who: bool) -> tuple[Ints, Ints, Ints]:
    """The different keys, how often each occurs and, if asked for, the place of each key among them."""
    if size <= _DENSE:
        counts = np.bincount(key, minlength=size)
        found = np.flatnonzero(counts)
        if not who:
            return found, counts[found], NOBODY
        place = np.zeros(size, np.int64)
        place[found] = np.arange(len(found))
        return found, counts[found], place[key]
    if who:
        found, of, people = np.unique(key, return_inverse=True, return_counts=True)
        return found, people, of
    found, people = np.unique(key, return_counts=True)
    return found, people, NOBODY


@dataclass(frozen=True, slots=True)
class Levels:
    """A column as its different values, in order, and the place of each row's value among them."""

    values: Floats
    code: Ints
    people: Floats
    """How many people have each value."""

    @classmethod
    def of(cls, column: Floats, people: Floats) -> Levels:
        values, code = np.unique(column, return_inverse=True)
        return cls(values, code, np.bincount(code, people, len(values)).astype(np.float64))
