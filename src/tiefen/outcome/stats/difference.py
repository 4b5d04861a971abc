"""How far apart two arms are: means of units, ratios, clusters, with or without what was known of them before.

Everything is one computation. A unit (person, group, tree) has a sum and a size; an arm's figure is Σ sums / Σ sizes. With sizes of one
that is a mean; with sizes that vary, a ratio whose units are linearised, (sum − ratio·size) / mean size, which is the delta method
(Deng, Knoblich and Lu 2018, "Applying the delta method in metric analytics", https://arxiv.org/abs/1803.06336) and, where units are
groups of people, the cluster-robust variance. The linearised units are compared by Welch's test.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

Numbers = npt.NDArray[np.float64]
LEVEL = 0.95


class Interval(NamedTuple):
    """From `low` to `high`."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Sample:
    """The units of one arm, one number each."""

    sums: Numbers
    sizes: Numbers | None = None
    """How many people (orders, days) the sum of a unit is over; None: one each."""
    before: Numbers | None = None
    """The same sum in the time before anybody was drawn, 0 for units nobody knew then."""

    def __post_init__(self) -> None:
        for other in (self.sizes, self.before):
            if other is not None and len(other) != len(self.sums):
                raise ValueError("a sample has as many sizes and befores as sums")

    def __len__(self) -> int:
        return len(self.sums)

    @property
    def whole(self) -> float:
        return float(self.sizes.sum()) if self.sizes is not None else float(len(self.sums))

    @property
    def mean(self) -> float | None:
        """None where there is nobody."""
        return float(self.sums.sum()) / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one arm had more than the other, a unit of size one."""

    effect: float
    se: float
    df: float
    interval: Interval
    """Right for one look that was settled beforehand."""
    p: float
    """How often a difference so large would come of chance alone."""
    treated: float
    control: float
    treated_units: int
    control_units: int
    treated_se: float
    control_se: float
    null_se: float
    """What `se` would be if the arms were one: it does not shrink where a small arm happens to have nobody who did it."""
    level: float = LEVEL
    variance_cut: float = 0.0
    """The share of the variance that the past took away."""

    @property
    def relative(self) -> Interval | None:
        """The effect as a share of the control's figure, by the delta method; None where that is not above zero."""
        if self.control <= 0:
            return None
        ratio = self.effect / self.control
        half = (
            float(stdtrit(self.df, (1 + self.level) / 2))
            * float(np.hypot(self.treated_se, self.control_se * (1 + ratio)))
            / self.control
        )
        return Interval(ratio - half, ratio + half)


def together(found: Estimate) -> Estimate:
    """The same with the variance of both arms taken together. Of few skewed sums mean and variance err together, so that Welch's
    interval is too short where hardly anybody in an arm did anything: in the simulations of docs/outcome.md it holds the
    truth in 93 of 100, this one in 96."""
    half = float(stdtrit(found.treated_units + found.control_units - 2, (1 + found.level) / 2)) * found.null_se
    p = (
        float(2 * stdtr(found.treated_units + found.control_units - 2, -abs(found.effect) / found.null_se))
        if found.null_se > 0
        else 1.0
    )
    return replace(found, se=found.null_se, interval=Interval(found.effect - half, found.effect + half), p=p)


def difference(treated: Sample, control: Sample, *, level: float = LEVEL) -> Estimate | None:
    """Treated less control; None where an arm has fewer than two units, or nobody in them.

    Where both samples know what was before, CUPED takes from each unit what its past foretells: θ·(before − mean before), θ = cov/var
    over both arms together (Deng, Xu, Kohavi and Walker 2013, "Improving the sensitivity of online controlled experiments by
    utilizing pre-experiment data", WSDM).
    """
    if len(treated) < 2 or len(control) < 2 or not treated.whole or not control.whole:
        return None
    ours, theirs = _linear(treated.sums, treated.sizes), _linear(control.sums, control.sizes)
    shift, cut = 0.0, 0.0
    if treated.before is not None and control.before is not None:
        before, there = _means_apart(treated, control)
        theta = _theta(np.concatenate([ours, theirs]), np.concatenate([before, there]), len(ours))
        plain = ours.var(ddof=1) / len(ours) + theirs.var(ddof=1) / len(theirs)
        shift = theta * (before.mean() - there.mean())
        ours, theirs = ours - theta * (before - before.mean()), theirs - theta * (there - there.mean())
        left = ours.var(ddof=1) / len(ours) + theirs.var(ddof=1) / len(theirs)
        cut = float(1 - left / plain) if plain > 0 else 0.0
    mean, other = treated.mean, control.mean
    assert mean is not None and other is not None
    a, b = ours.var(ddof=1) / len(ours), theirs.var(ddof=1) / len(theirs)
    se = float(np.sqrt(a + b))
    df = (
        float((a + b) ** 2 / (a**2 / (len(ours) - 1) + b**2 / (len(theirs) - 1)))
        if se > 0
        else float(len(ours) + len(theirs) - 2)
    )
    effect = mean - other - float(shift)
    half = float(stdtrit(df, (1 + level) / 2)) * se
    p = float(2 * stdtr(df, -abs(effect) / se)) if se > 0 else float(effect == 0)
    return Estimate(
        effect, se, df, Interval(effect - half, effect + half), p, mean, other, len(treated), len(control),
        float(np.sqrt(a)), float(np.sqrt(b)), _null_se(ours, theirs, effect), level, cut,
    )  # fmt: skip


def _null_se(ours: Numbers, theirs: Numbers, effect: float) -> float:
    m, n = len(ours), len(theirs)
    squares = (m - 1) * ours.var(ddof=1) + (n - 1) * theirs.var(ddof=1) + m * n / (m + n) * effect**2
    return float(np.sqrt(squares / (m + n - 1) * (1 / m + 1 / n)))


def _linear(sums: Numbers, sizes: Numbers | None) -> Numbers:
    if sizes is None:
        return np.asarray(sums - sums.mean(), np.float64)
    return np.asarray((sums - sums.sum() / sizes.sum() * sizes) / sizes.mean(), np.float64)


def _means_apart(treated: Sample, control: Sample) -> tuple[Numbers, Numbers]:
    """The past, linearised about one ratio of both arms, so that the difference of the means is kept."""
    assert treated.before is not None and control.before is not None
    both = float(treated.before.sum() + control.before.sum()) / (treated.whole + control.whole)
    found = []
    for one in (treated, control):
        assert one.before is not None
        sizes = one.sizes if one.sizes is not None else np.ones(len(one))
        found.append(np.asarray((one.before - both * sizes) / sizes.mean(), np.float64))
    return found[0], found[1]


def _theta(now: Numbers, before: Numbers, treated: int) -> float:
    """cov/var within the arms, so that an effect is not mistaken for a trend."""
    centred = before.copy()
    centred[:treated] -= before[:treated].mean()
    centred[treated:] -= before[treated:].mean()
    spread = float(centred @ centred)
    return float(now @ centred) / spread if spread > 0 else 0.0
