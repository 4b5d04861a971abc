"""样本比例检查 — whether the arms have as many units as they were meant to; where not, something is wrong and no result is to be trusted.

Fabijan et al. 2019, "Diagnosing sample ratio mismatch in online controlled experiments", KDD: a χ² test that alarms at p < .01 or less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.special import chdtrc

ALARM = 0.01


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """How many units each arm has and was meant to have."""

    seen: Mapping[str, int]
    meant: Mapping[str, float]
    p: float
    """How often chance alone would be so far off."""

    @property
    def alarm(self) -> bool:
        return self.p < ALARM


def sample_ratio(seen: Mapping[str, int], shares: Mapping[str, float]) -> SampleRatio:
    """Compare counts with the shares that were meant. An arm that has units and was to have none is off for certain."""
    units = sum(seen.values())
    meant = {arm: share * units for arm, share in shares.items() if share > 0}
    if any(n and arm not in meant for arm, n in seen.items()):
        return SampleRatio(dict(seen), meant, 0.0)
    if not units or len(meant) < 2:
        return SampleRatio(dict(seen), meant, 1.0)
    chi = sum((seen.get(arm, 0) - wanted) ** 2 / wanted for arm, wanted in meant.items())
    return SampleRatio(dict(seen), meant, float(chdtrc(len(meant) - 1, chi)))
