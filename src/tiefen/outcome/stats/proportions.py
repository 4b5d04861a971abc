"""Two shares of people, where few do it: Newcombe's interval, which does not collapse when an arm has none or almost none.

Newcombe 1998, "Interval estimation for the difference between independent proportions: comparison of eleven methods", method 10:
Wilson's interval of each, joined. With a holdout of a twentieth, a hundred people of whom four buy, Welch's interval is too short.
"""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri

from tiefen.outcome.stats.difference import LEVEL, Estimate, Interval


def wilson(part: float, whole: float, *, level: float = LEVEL) -> Interval:
    """Wilson's interval of a share."""
    z = float(ndtri((1 + level) / 2))
    share = part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return Interval(max(middle - half, 0.0), min(middle + half, 1.0))


def proportions(treated: tuple[float, float], control: tuple[float, float], *, level: float = LEVEL) -> Estimate | None:
    """(part, whole) of each arm; None where an arm has nobody. `se` is the unpooled one, `p` that of the pooled z-test."""
    (a, m), (b, n) = treated, control
    if not m or not n:
        return None
    p, q = a / m, b / n
    ours, theirs = wilson(a, m, level=level), wilson(b, n, level=level)
    effect = p - q
    low = effect - math.hypot(p - ours.low, theirs.high - q)
    high = effect + math.hypot(ours.high - p, q - theirs.low)
    pooled = (a + b) / (m + n)
    null = math.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n))
    se = math.sqrt(p * (1 - p) / m + q * (1 - q) / n)
    chance = float(2 * ndtr(-abs(effect) / null)) if null > 0 else 1.0
    return Estimate(
        effect, se, math.inf, Interval(low, high), chance, p, q, int(m), int(n),
        math.sqrt(p * (1 - p) / m), math.sqrt(q * (1 - q) / n), null, level,
    )  # fmt: skip
