"""Simple estimates for when a model has no parameters to stand by: everybody alike, and it says so.

They tell nobody from anybody, so they have no chance to be alive and no interval for one person.
"""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.insight.models.purchases.gamma_gamma import Spending
from tiefen.insight.models.purchases.records import Rows

RATE, MEAN = "pooled_rate", "pooled_mean"


def pooled_rate(rows: Rows) -> float | None:
    """Later orders in a unit of time, over everybody's time since their first; None where no time has passed.

    Half an order is added, so that nobody having come back yet is not told as nobody ever will (Jeffreys).
    """
    time = float(rows.people @ rows.age)
    return (float(rows.people @ rows.frequency) + 0.5) / time if time > 0 else None


@dataclass(frozen=True, slots=True)
class PooledMean:
    """The mean value of a later order over all of them."""

    fen: float
    times: int


def pooled_mean(some: Spending) -> PooledMean | None:
    """None where nothing was ever paid at a later time."""
    times = float(some.people @ some.times)
    return PooledMean(float(some.people @ some.spent) / times, int(times)) if times else None
