"""Before it begins: what could be seen at all with so many units, and how many it takes to see so much."""

from __future__ import annotations

import math

from scipy.special import ndtri

POWER = 0.8


def least_effect(
    treated: float, control: float, variance: float, *, level: float = 0.95, power: float = POWER, kept: float = 1.0
) -> float | None:
    """The smallest effect that would be found with this power, of so many units in each arm; None where an arm has none.

    `kept`: what is left of the variance after the past was taken out (1 − r²). (z_{1−α/2} + z_power)·√(variance·(1/m + 1/n)).
    """
    if treated <= 0 or control <= 0:
        return None
    return _reach(level, power) * math.sqrt(variance * kept * (1 / treated + 1 / control))


def units_needed(
    effect: float, variance: float, *, holdout: float, level: float = 0.95, power: float = POWER, kept: float = 1.0
) -> int | None:
    """How many units in all arms together it takes to find an effect, where a share is held out; None where it can never be found."""
    if not effect or not 0 < holdout < 1:
        return None
    units = (_reach(level, power) / effect) ** 2 * variance * kept * (1 / holdout + 1 / (1 - holdout))
    return math.ceil(units) if math.isfinite(units) else None


def _reach(level: float, power: float) -> float:
    return float(ndtri((1 + level) / 2) + ndtri(power))
