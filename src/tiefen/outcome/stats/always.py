"""Intervals that hold at every look at once, so that looking daily and stopping when one likes is safe.

The running sum of what one arm had more is, without an effect, a walk whose clock is its own variance V. Robbins' normal mixture
bounds such a walk at all times together: |S| ≤ √((V + 1/ρ²)·ln((ρ²V + 1)/α²)) with probability 1 − α. In units of the standard error,
with κ = ρ²V, that is √((κ + 1)/κ · ln((κ + 1)/α²)), and it holds for means of anything as their number grows: Waudby-Smith, Arbour,
Sinha, Kennedy and Ramdas 2024, "Time-uniform central limit theory and asymptotic confidence sequences", Annals of Statistics 52(6)
(https://arxiv.org/abs/2103.06476), theorem 2.2 and the choice of ρ in its appendix; mSPRT is the same test (Johari et al. 2017).
ρ is chosen so that the interval is shortest where the experiment was to end. A walk whose steps hang together (a heavy buyer buys
again) crosses less often than one of independent steps, so that the promise is kept and more.
"""

from __future__ import annotations

import math

from tiefen.outcome.stats.difference import LEVEL, Estimate, Interval

EARLIEST = 0.02
"""Before this share of what is to be seen nobody is told anything: means of a handful are not yet normal."""


def always_valid(estimate: Estimate, progress: float, *, level: float = LEVEL) -> Interval:
    """The interval at this look, where `progress` of what the experiment was to see has been seen: units of those planned, or of
    units that are all there, their days of those in the window. May exceed 1."""
    if not progress > 0:
        return Interval(-math.inf, math.inf)
    half = factor(progress, level=level) * max(estimate.se, estimate.null_se)
    # A single look settled beforehand is never wider than one of many; Newcombe's interval is lopsided and may be.
    return Interval(
        min(estimate.effect - half, estimate.interval.low), max(estimate.effect + half, estimate.interval.high)
    )


def always_p(estimate: Estimate, progress: float, *, level: float = LEVEL) -> float:
    """The p that belongs to it: below 1 − level just where the interval around `factor` holds no zero, and, of all looks together,
    no more often below any α than that without an effect. ρ stays that of the level, so that it can be held against others."""
    se = max(estimate.se, estimate.null_se)
    if not progress > 0 or not se > 0:
        return 1.0
    k = progress * _shortest(level)
    z = estimate.effect / se
    return min(1.0, math.exp((math.log(k + 1) - z * z * k / (k + 1)) / 2))


def factor(progress: float, *, level: float = LEVEL) -> float:
    """How many standard errors wide each side is."""
    k = progress * _shortest(level)
    return math.sqrt((k + 1) / k * math.log((k + 1) / (1 - level) ** 2))


def _shortest(level: float) -> float:
    """ρ²V for which the interval is shortest at its end."""
    alpha = 1 - level
    return -2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))
