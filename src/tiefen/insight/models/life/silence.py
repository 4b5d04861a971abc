"""沉默 — when a group falls silent: from the first of `QUIET_DAYS` days on which nobody says a word.

A group is at risk on every day on which the silence it may be in is not yet so long. Time is cut into periods of 30 days;
whether the silence begins in the first, in the second if not in the first, and so on, is what is told beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiefen.insight.models.life.features import features
from tiefen.insight.models.life.grid import NEVER, Floats, Grid, Ints

QUIET_DAYS = 30
PERIOD = 30
PERIODS = 3


@dataclass(frozen=True, slots=True)
class Watched:
    """Groups on days on which they were at risk, with what was known then and what came of it."""

    group: Ints
    day: Ints
    x: Floats
    fell: Floats
    """Days until the silence began (zero or less where it had begun already); infinite where it did not in what is known."""
    known: Ints
    """So many days ahead it is known whether a silence began."""

    def __len__(self) -> int:
        return len(self.group)

    def where(self, some: np.ndarray) -> Watched:
        return Watched(self.group[some], self.day[some], self.x[some], self.fell[some], self.known[some])

    def as_of(self, day: int) -> Watched:
        """What could be known of them at the end of a day."""
        seen = self.where(self.day <= day)
        known = np.minimum(seen.known, day + 1 - seen.day - QUIET_DAYS)
        return Watched(seen.group, seen.day, seen.x, np.where(seen.fell <= known, seen.fell, np.inf), known)

    def at_risk(self, period: int) -> tuple[np.ndarray, np.ndarray]:
        """Which lines are at risk in a period (0, 1, …) and are known to its end; and whether the silence began in it."""
        some = (self.known >= (period + 1) * PERIOD) & (self.fell > period * PERIOD if period else True)
        return some, (self.fell[some] <= (period + 1) * PERIOD).astype(np.float64)

    def within(self, days: int) -> tuple[np.ndarray, np.ndarray]:
        """Which lines are known so far ahead, and whether a silence began by then."""
        some = self.known >= days
        return some, self.fell[some] <= days


def watched(grid: Grid, every: int = 7) -> Watched:
    """Every so manyth day of every group on which it was at risk, counted back from the last day."""
    columns = np.arange(grid.days - 1, -1, -every)[::-1]
    silent = columns - grid.last[:, columns]
    row, at = np.nonzero(silent < QUIET_DAYS)
    column = columns[at]
    began = _begins(grid)
    # Whatever the group is silent for now began on the day after its last word, which is where to look from.
    begins = began[row, np.maximum(grid.last[row, column] + 1, 0)]
    fell = np.where(begins < NEVER, begins - column, np.inf).astype(np.float64)
    known = grid.days - column - QUIET_DAYS
    return Watched(grid.groups[row], column + grid.start, features(grid, row, column), fell, known)


def _begins(grid: Grid) -> Ints:
    """(group, day): the first day from this one on with which a whole silence begins; `NEVER` where there is none."""
    sums = np.concatenate([np.zeros((len(grid.groups), 1)), np.cumsum(grid.messages, axis=1)], axis=1)
    days = grid.days
    begins = np.full((len(grid.groups), days + 1), NEVER)
    if days >= QUIET_DAYS:
        last = days - QUIET_DAYS + 1
        quiet = sums[:, QUIET_DAYS : QUIET_DAYS + last] == sums[:, :last]
        begins[:, :last] = np.where(quiet, np.arange(last), NEVER)
    return np.minimum.accumulate(begins[:, ::-1], axis=1)[:, ::-1]


def joined(some: list[Watched]) -> Watched:
    """All lines of several parts."""
    return Watched(
        *(np.concatenate([getattr(one, name) for one in some]) for name in ("group", "day", "x", "fell", "known"))
    )
