"""Somebody's own rhythm: is today's silence unusual for a person who orders as evenly, or as unevenly, as they do?

Two answers. By the model: somebody of this record, still ordering, is silent so long with that chance (`silence` of a model).
By their own waits alone: waits of one person are Gamma with a shape that all share, so that the present silence measured
against all their waits so far follows a Beta law, whatever their rate is. Shape 1 is pure chance, as the models have it; people
who stock up are more even, and slip away sooner than a model of pure chance would notice. The shape is told from pairs of
neighbouring waits: the share of the first in both is Beta(k, k), of variance 1 ÷ (8k + 4), and knows nothing of rates or of when
watching ended (Wheat and Morrison 1990).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from tiefen.insight.models.purchases.records import Floats, Rows

LEAST_PAIRS = 30
"""With fewer pairs of waits nobody can tell; then waits are taken for pure chance."""
LEAST_WAITS = 2
"""Somebody with fewer waits has no rhythm yet."""
SLIPPING = 0.05
"""A silence as rare as that, and somebody is slipping away."""
_LEAST_SHAPE, _MOST_SHAPE = 0.2, 30.0


@dataclass(frozen=True, slots=True)
class Regularity:
    """How evenly people space their orders."""

    shape: float
    """1 is pure chance, more is more even, less comes in bursts."""
    pairs: int
    """Pairs of neighbouring waits it was told from."""

    @property
    def told(self) -> bool:
        """Whether there were enough of them."""
        return self.pairs >= LEAST_PAIRS


def regularity_of(pairs: int, uneven: float) -> Regularity:
    """From the number of pairs and the sum of (share of the first wait − ½)²."""
    if pairs < LEAST_PAIRS:
        return Regularity(1.0, pairs)
    variance = uneven / pairs
    shape = (1 - 4 * variance) / (8 * variance) if variance > 0 else _MOST_SHAPE
    return Regularity(min(max(shape, _LEAST_SHAPE), _MOST_SHAPE), pairs)


def own_silence(rows: Rows, regularity: Regularity) -> Floats:
    """How usual the present silence is by their own waits: the chance that the next wait is as long. NaN without a rhythm."""
    known = (rows.frequency >= LEAST_WAITS) & (rows.recency > 0)
    share = np.divide(rows.recency, rows.age, out=np.full(len(rows), np.nan), where=known)
    shape = regularity.shape
    return np.where(known, betainc(shape * np.maximum(rows.frequency, 1), shape, np.where(known, share, 0.5)), np.nan)
