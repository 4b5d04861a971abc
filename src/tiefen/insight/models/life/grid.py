"""Groups by days: who spoke how much on which day, as two matrices, a row a group and a column a day.

Made from rows of `group_days` without a loop over groups. Very many groups go through in parts (`parts`), so that what is
held at a time stays small however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LONGEST = 1_100
"""Days that are looked at; what was before only counts for the age and the first week."""
_CELLS = 6_000_000
NEVER = np.int64(2**31)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Rows of days on which anybody spoke, sorted by group and day. Days are numbers of days since 1970."""

    group: Ints
    day: Ints
    messages: Ints
    speakers: Ints

    @classmethod
    def of(cls, days: pa.Table) -> Spoken:
        """Of a table (group, day, messages, speakers); days without talk and without a date are left out."""
        days = days.select(["group", "day", "messages", "speakers"]).drop_null()
        group, messages, speakers = (
            days[name].to_numpy().astype(np.int64) for name in ("group", "messages", "speakers")
        )
        day = days["day"].cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64)
        some = messages > 0
        group, day, messages, speakers = group[some], day[some], messages[some], speakers[some]
        order = np.lexsort((day, group))
        return cls(group[order], day[order], messages[order], speakers[order])

    def until(self, day: int) -> Spoken:
        """What was known at the end of a day."""
        some = self.day <= day
        return Spoken(self.group[some], self.day[some], self.messages[some], self.speakers[some])

    def among(self, groups: Ints) -> Spoken:
        some = np.isin(self.group, groups)
        return Spoken(self.group[some], self.day[some], self.messages[some], self.speakers[some])


@dataclass(frozen=True, slots=True)
class Grid:
    """Some groups, dense. Column 0 is the day `start`, the last one the day `end`."""

    groups: Ints
    start: int
    end: int
    messages: Floats
    speakers: Floats
    born: Ints
    """The column of each group's first day with talk; negative where that was before `start`."""
    day_one: Floats
    """Speakers on the first day."""
    week_one: Floats
    """Messages of the first seven days."""
    last: Ints
    """(group, day): the column of the last day with talk so far; −`NEVER` before the first."""

    @property
    def days(self) -> int:
        return self.end - self.start + 1


def parts(spoken: Spoken, end: int, longest: int | None = LONGEST) -> Iterator[Grid]:
    """Everything up to a day, in parts of some groups each."""
    spoken = spoken.until(end)
    if not len(spoken.group):
        return
    groups, begins = np.unique(spoken.group, return_index=True)
    first = int(spoken.day.min())
    start = first if longest is None else max(first, end - longest + 1)
    at_once = max(1, _CELLS // (end - start + 1))
    ends = np.append(begins[1:], len(spoken.group))
    for chunk in range(0, len(groups), at_once):
        some = slice(chunk, chunk + at_once)
        yield _grid(spoken, groups[some], begins[some], ends[some], start, end)


def _grid(spoken: Spoken, groups: Ints, begins: Ints, ends: Ints, start: int, end: int) -> Grid:
    rows = slice(int(begins[0]), int(ends[-1]))
    day, messages, speakers = spoken.day[rows], spoken.messages[rows], spoken.speakers[rows]
    row = np.repeat(np.arange(len(groups)), ends - begins)
    first = spoken.day[begins]
    width = end - start + 1
    shape = (len(groups), width)
    inside = day >= start
    talk, people = np.zeros(shape), np.zeros(shape)
    talk[row[inside], day[inside] - start] = messages[inside]
    people[row[inside], day[inside] - start] = speakers[inside]
    early = day - first[row] < 7
    week_one = np.bincount(row[early], messages[early], len(groups)).astype(np.float64)
    spoken_at = np.where(talk > 0, np.arange(width), -NEVER)
    before = ~inside
    if before.any():
        lately = np.full(len(groups), -NEVER)
        np.maximum.at(lately, row[before], day[before] - start)
        spoken_at[:, 0] = np.maximum(spoken_at[:, 0], lately)
    last = np.maximum.accumulate(spoken_at, axis=1)
    return Grid(
        groups, start, end, talk, people, first - start, speakers[begins - begins[0]].astype(float), week_one, last
    )
