"""Of many groups at once: the chance of silence week by week, since when they stand under a warning, and what drives it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiefen.insight.models.life.features import NAMES, WORDS, features, plain
from tiefen.insight.models.life.grid import NEVER, Floats, Grid, Ints
from tiefen.insight.models.life.hazard import USED, WARN, WITHIN, Hazard
from tiefen.insight.models.life.silence import QUIET_DAYS

SHOWN_WEEKS = 53


@dataclass(frozen=True, slots=True)
class Risks:
    """A line a group; weeks are counted back from the last day."""

    groups: Ints
    silent: Ints
    """Days since the last word."""
    weekly: Floats
    """(group, week): the chance of silence within 30 days at the end of each week, the newest first; not a number where
    nobody had spoken yet or the group was silent already."""
    now: Floats
    """(group, 30 | 60 | 90 days); not a number for the silent."""
    warned_weeks: Ints
    """So many weeks ago the latest unbroken warning began; −1 where there is none."""
    pushes: Floats
    """(group, feature of `USED`): what each adds to the logit; not a number for the silent."""
    numbers: Floats
    """(group, feature of `USED`): the feature itself, as people are told it."""


def risks(grid: Grid, hazard: Hazard) -> Risks:
    """Of every group in a part."""
    columns = np.arange(grid.days - 1, -1, -7)[:SHOWN_WEEKS]
    silent = columns - grid.last[:, columns]
    at_risk = silent < QUIET_DAYS
    row, week = np.nonzero(at_risk)
    weekly = np.full(at_risk.shape, np.nan)
    weekly[row, week] = hazard.within(features(grid, row, columns[week]))[:, 0]
    groups = len(grid.groups)
    now, pushes, numbers = (np.full((groups, n), np.nan) for n in (len(WITHIN), len(USED), len(USED)))
    here = np.flatnonzero(at_risk[:, 0])
    last = np.full(len(here), grid.days - 1)
    if len(here):
        x = features(grid, here, last)
        now[here], pushes[here] = hazard.within(x), hazard.contributions(x)
        numbers[here] = plain(grid, here, last)[:, [NAMES.index(name) for name in USED]]
    return Risks(grid.groups, np.minimum(silent[:, 0], NEVER), weekly, now, _warned(weekly), pushes, numbers)


def _warned(weekly: Floats) -> Ints:
    """The oldest week of the unbroken run above the line that reaches to now, or to when the group fell silent."""
    weeks = np.arange(weekly.shape[1])
    known = ~np.isnan(weekly)
    newest = np.where(known.any(axis=1), known.argmax(axis=1), len(weeks))
    ends = (weeks >= newest[:, None]) & ~(np.nan_to_num(weekly, nan=-1.0) >= WARN)
    run_ends = np.where(ends.any(axis=1), ends.argmax(axis=1), len(weeks))
    found: Ints = np.where(run_ends > newest, run_ends - 1, -1)
    return found


def driver(name: str, number: float, push: float) -> dict[str, object]:
    """One reason in words: {key, n, push, zh, en}. More than zero makes a silence likelier than in an average group."""
    zh, en = WORDS[name]
    return {
        "key": name,
        "n": round(number, 4),
        "push": round(push, 4),
        "zh": zh.format(n=number),
        "en": en.format(n=number),
    }
