"""The effect of a block: what changed in the groups that had it against the same hours of the four weeks before, less what changed
in the groups that did not have it at that time (difference in differences).

A window is one time at which the block was held; each has an effect of its own that all groups share (a holiday, the weather), so
groups are compared within it. The interval is by group: whatever goes on in one group over the windows is one observation
(Bertrand, Duflo and Mullainathan 2004), with as many degrees of freedom as the smaller side has groups, less one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

WEEKS = 4
LEAST_GROUPS = 5
"""On either side: below it an interval by group means nothing."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Verdict = Literal["more", "less", "cannot_tell"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One row per window and group that can be judged: how much there was, and how much is usual for it at that time."""

    window: Ints
    group: Ints
    had: NDArray[np.bool_]
    """Whether the group had the block then."""
    after: Floats
    before: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """How much more there was per group and time. Without an interval nothing can be said yet."""

    times: int
    """How often the block was held and can be judged."""
    groups: int
    controls: int
    after: float | None
    """The mean in groups that had it; `before` what was usual for them at that time."""
    before: float | None
    difference: float | None
    low: float | None
    high: float | None
    against: Literal["groups_without", "own_past"]

    @property
    def verdict(self) -> Verdict:
        """What can be said at 95 %. Against its own past alone nothing can: everything may have changed meanwhile."""
        if self.low is None or self.high is None or self.against == "own_past" or self.low <= 0.0 <= self.high:
            return "cannot_tell"
        return "more" if self.low > 0.0 else "less"


def effect(seen: Seen) -> Effect:
    """The effect of a block on one outcome."""
    change = seen.after - seen.before
    had = seen.had
    times, own = int(had.sum()), len(set(seen.group[had].tolist()))
    means = (float(seen.after[had].mean()), float(seen.before[had].mean())) if times else (None, None)
    _, window = np.unique(seen.window, return_inverse=True)
    windows = int(window.max()) + 1 if len(window) else 0
    with_it = np.bincount(window[had], minlength=windows)
    without = np.bincount(window[~had], minlength=windows)
    compared = (with_it > 0) & (without > 0)
    if not compared.any():
        return _alone(seen, change, times, own, means)
    kept = compared[window]
    usual = np.bincount(window[~had], weights=change[~had], minlength=windows) / np.maximum(without, 1)
    net = (change - usual[window])[kept]
    treated, group, at = had[kept], seen.group[kept], window[kept]
    n = int(treated.sum())
    estimate = float(net[treated].mean())
    share = with_it[at] / n / np.maximum(without[at], 1)
    influence = np.where(treated, (net - estimate) / n, -share * net)
    sides = len(set(group[treated].tolist())), len(set(group[~treated].tolist()))
    low, high = _interval(estimate, influence, group, min(sides))
    return Effect(
        times=n, groups=sides[0], controls=sides[1], after=float(seen.after[kept][treated].mean()),
        before=float(seen.before[kept][treated].mean()), difference=estimate, low=low, high=high, against="groups_without",
    )  # fmt: skip


def _alone(
    seen: Seen, change: Floats, times: int, own: int, means: tuple[float | None, float | None]
) -> Effect:  # fmt: skip
    """Where every group had it at every time: against its own past, which is weaker."""
    estimate = float(change[seen.had].mean()) if times else None
    low = high = None
    if estimate is not None:
        influence = (change[seen.had] - estimate) / times
        low, high = _interval(estimate, influence, seen.group[seen.had], own)
    return Effect(
        times=times, groups=own, controls=0, after=means[0], before=means[1], difference=estimate, low=low, high=high,
        against="own_past",
    )  # fmt: skip


def _interval(estimate: float, influence: Floats, group: Ints, smaller: int) -> tuple[float | None, float | None]:
    if smaller < LEAST_GROUPS:
        return None, None
    _, of = np.unique(group, return_inverse=True)
    clusters = int(of.max()) + 1
    sums = np.bincount(of, weights=influence, minlength=clusters)
    spread = float(np.sqrt(clusters / (clusters - 1) * np.square(sums).sum()))
    reach = float(stats.t.ppf(0.975, smaller - 1)) * spread
    return estimate - reach, estimate + reach
