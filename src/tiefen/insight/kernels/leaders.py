"""领袖沉默之后 — when somebody others listened to fell silent, and what followed.

Weeks are counted back from the day of the reading (0 is the last seven days). Somebody leads in a week if in the eight
before they were among the most answered of the group, and spoke; they fall silent if they spoke in the week before and then
not a word for four. What followed in these four weeks is told against groups of like volume and like trend in the same
weeks in which nobody of that kind fell silent: a difference in differences of logarithms, matched as in Abadie (2005). It is
what followed, not what was caused by it: a group that loses its talk loses its leaders too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import stdtrit

from tiefen.insight.kernels.mapped import Kernel, gathered, groups_of

WEEKS = 26
BEFORE, AROUND = 8, 4
"""Weeks in which somebody must have led, and weeks compared before and after."""
HEARD, SPOKE, WROTE = 6, 4, 15
"""In these eight weeks: answered by so many different people, counted anew each week; in so many weeks and messages speaking."""
SHARE, MOST = 0.05, 10
LIKE, ENOUGH = 20, 5
"""So many like groups are compared with; with fewer than `ENOUGH` nothing is said."""
NEAR = float(np.log(3))
"""A group of three times the volume is not like."""
FLOOR = 20
"""Groups with fewer messages in four weeks say nothing about change."""
OUTCOMES = ("messages", "speakers", "left")
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def _of(batch: pa.Table) -> pa.Table:
    found = []
    for group, rows in groups_of(batch):
        people, places = np.unique(rows["person"].to_numpy(), return_inverse=True)
        week = rows["week"].to_numpy()
        wrote, heard = np.zeros((len(people), WEEKS), np.int64), np.zeros((len(people), WEEKS), np.int64)
        wrote[places, week], heard[places, week] = rows["messages"].to_numpy(), rows["heard_by"].to_numpy()
        speakers = np.zeros(WEEKS, np.int64)
        speakers[week] = rows["speakers"].to_numpy()
        who, since = _silenced(wrote, heard, speakers)
        if not len(who):
            continue
        before = since[:, None] + 1 + np.arange(AROUND)
        own = wrote[who[:, None], before]
        last = np.where(wrote > 0, np.arange(WEEKS), WEEKS).min(axis=1)  # the newest week in which they spoke
        found.append(
            {
                "group": group, "person": people[who], "week": since, "own_messages": own.sum(axis=1),
                "own_weeks": (own > 0).sum(axis=1), "came_back": last[who] <= since - AROUND,
            }
        )  # fmt: skip
    return gathered(SILENCES.gives, found)


def _silenced(wrote: Ints, heard: Ints, speakers: Ints) -> tuple[Ints, Ints]:
    """The positions of those who led until a week and have been silent from then on, with that week."""
    weeks = np.arange(AROUND - 1, WEEKS - BEFORE)
    heard_before = _of_weeks(heard, weeks + 1, BEFORE)
    quiet = (_of_weeks(wrote, weeks - AROUND + 1, AROUND) == 0) & (wrote[:, weeks + 1] > 0)
    spoke = (_of_weeks(wrote > 0, weeks + 1, BEFORE) >= SPOKE) & (_of_weeks(wrote, weeks + 1, BEFORE) >= WROTE)
    who, at = np.nonzero(quiet & spoke & (heard_before >= HEARD))
    # Few come so far, so that only their places are looked for: by how many they were answered, of equals the first.
    mine = heard_before[who, at]
    theirs = heard_before[:, at]
    rank = (theirs > mine).sum(axis=0) + ((theirs == mine) & (np.arange(len(heard))[:, None] < who)).sum(axis=0)
    most = np.lib.stride_tricks.sliding_window_view(speakers, BEFORE)[weeks + 1].max(axis=1)
    led = rank < np.clip(np.ceil(SHARE * most), 1, MOST)[at]
    order = np.lexsort((who[led], at[led]))
    return who[led][order], weeks[at[led][order]]


def _of_weeks(numbers: NDArray[np.integer | np.bool_], first: Ints, count: int) -> Ints:
    """(row, first): the sum of `count` weeks from each of `first` on."""
    so_far = np.zeros((len(numbers), WEEKS + 1), np.int64)
    np.cumsum(numbers, axis=1, out=so_far[:, 1:])
    return so_far[:, first + count] - so_far[:, first]


SILENCES = Kernel(
    takes=pa.schema(
        [
            ("group", pa.int64()), ("person", pa.int64()), ("week", pa.int64()), ("messages", pa.int64()),
            ("heard_by", pa.int64()), ("speakers", pa.int64()),
        ]
    ),
    gives=pa.schema(
        [
            ("group", pa.int64()), ("person", pa.int64()), ("week", pa.int64()), ("own_messages", pa.int64()),
            ("own_weeks", pa.int64()), ("came_back", pa.bool_()),
        ]
    ),
    of=_of,
    order=("person", "week"),
)  # fmt: skip
"""Leaders who fell silent, from what everybody who was answered wrote in each week and by how many they were answered; the
week is the first of their silence."""


@dataclass(frozen=True)
class Course:
    """What every group did in every week: rows of (group, week), nan where it is not known."""

    groups: Ints
    messages: Floats
    speakers: Floats
    left: Floats

    def of(self, outcome: str) -> Floats:
        return np.asarray(getattr(self, outcome), np.float64)


def followed(events: pa.Table, course: Course) -> dict[str, Floats]:
    """For each event, `OUTCOME_before`, `_after`, `_expected`, `_low`, `_high` of each of `OUTCOMES`, and `like_groups`.

    `left` in `events` columns `own_left_before` and `own_left_after` are the leader's own leavings. Expected is what like
    groups did, from the same beginning; between low and high 95 of 100 such groups would be.
    """
    row = np.searchsorted(course.groups, events["group"].to_numpy())
    week = events["week"].to_numpy()
    own = {
        "messages": (events["own_messages"].to_numpy(), 0),
        "speakers": (events["own_weeks"].to_numpy(), 0),
        "left": (events["own_left_before"].to_numpy(), events["own_left_after"].to_numpy()),
    }
    found = {f"{outcome}_{what}": np.full(len(row), np.nan) for outcome in OUTCOMES for what in _TOLD}
    found["like_groups"] = np.zeros(len(row))
    quiet = np.ones((len(course.groups), WEEKS), np.bool_)
    for at, since in zip(row.tolist(), week.tolist(), strict=True):
        quiet[at, max(0, since - AROUND) : since + AROUND + 1] = False
    for since in np.unique(week):
        mine = np.flatnonzero(week == since)
        like = _like(course, row[mine], int(since), quiet[:, since])
        found["like_groups"][mine] = [len(some) for some in like]
        for outcome in OUTCOMES:
            before, after = _sums(course.of(outcome), int(since))
            change = np.log((after + 1) / (before + 1))
            first = before[row[mine]] - (own[outcome][0][mine])
            then = after[row[mine]] - (own[outcome][1][mine] if outcome == "left" else 0)
            found[f"{outcome}_before"][mine], found[f"{outcome}_after"][mine] = first, then
            for event, start, others in zip(mine.tolist(), first.tolist(), like, strict=True):
                told = change[others][~np.isnan(change[others])]
                if len(told) >= ENOUGH and not np.isnan(start):
                    for what, value in zip(_TOLD[2:], _expected(start, told), strict=True):
                        found[f"{outcome}_{what}"][event] = value
    return found


_TOLD = ("before", "after", "expected", "low", "high")


def _sums(weeks: Floats, since: int) -> tuple[Floats, Floats]:
    return (
        weeks[:, since + 1 : since + 1 + AROUND].sum(axis=1),
        weeks[:, since - AROUND + 1 : since + 1].sum(axis=1),
    )


def _like(course: Course, rows: Ints, since: int, quiet: NDArray[np.bool_]) -> list[Ints]:
    """The groups most like each of `rows` in volume and trend before a week, in which no leader fell silent around it."""
    before, _ = _sums(course.messages, since)
    earlier = course.messages[:, since + 1 + AROUND : since + 1 + 2 * AROUND].sum(axis=1)
    volume, trend = np.log(before + 1), np.log((before + 1) / (earlier + 1))
    usable = np.flatnonzero(quiet & (before >= FLOOR) & ~np.isnan(before))
    found = []
    for row in rows.tolist():
        apart = np.abs(volume[usable] - volume[row])
        apart = np.where(apart <= NEAR, apart + np.abs(trend[usable] - trend[row]), np.inf)
        nearest = np.argsort(apart, kind="stable")[:LIKE]
        found.append(usable[nearest[np.isfinite(apart[nearest])]])
    return found


def _expected(start: float, changes: Floats) -> tuple[float, float, float]:
    """Where a group would be that begins at `start` and changes as others did, and between what bounds."""
    n = len(changes)
    wide = float(stdtrit(n - 1, 0.975)) * float(changes.std(ddof=1)) * np.sqrt(1 + 1 / n)
    middle = float(changes.mean())
    return tuple(max(0.0, (start + 1) * float(np.exp(middle + by)) - 1) for by in (0.0, -wide, wide))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Pooled:
    """What followed on average: after ÷ expected, with 95 % bounds; groups count once each."""

    events: int
    groups: int
    ratio: float | None
    low: float | None
    high: float | None


def pooled(group: Ints, after: Floats, expected: Floats) -> Pooled:
    """Over all events of which like groups are known. With fewer than three groups no ratio is told."""
    known = ~(np.isnan(after) | np.isnan(expected))
    effect = np.log((after[known] + 1) / (expected[known] + 1))
    _, places = np.unique(group[known], return_inverse=True)
    each = np.bincount(places, effect) / np.bincount(places) if len(places) else np.zeros(0)
    n = len(each)
    if n < 3:
        return Pooled(int(known.sum()), n, None, None, None)
    wide = float(stdtrit(n - 1, 0.975)) * float(each.std(ddof=1)) / np.sqrt(n)
    middle = float(each.mean())
    return Pooled(
        int(known.sum()), n, float(np.exp(middle)), float(np.exp(middle - wide)), float(np.exp(middle + wide))
    )
