"""How far the orders and the money to come may lie from what is expected, for one person.

That is each one's own chance under the model. Parameters are taken as they are: of a person's uncertainty theirs is a
small part; in totals they are counted in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import betaincinv

from tiefen.insight.models.purchases.gamma_gamma import GammaGamma
from tiefen.insight.models.purchases.records import Floats, Rows

_SIZES = np.array([0.02, 0.1, 0.5, 2.0, 8.0, 32.0])
"""Rows of like expectation are counted through together: those of few orders are done soon."""
_REST, _MOST = 1e-6, 100_000


class Counting(Protocol):
    """A model that can say how likely 0, 1, 2 … orders are."""

    def chances(self, rows: Rows, horizon: float) -> Iterator[Floats]: ...


@dataclass(frozen=True, slots=True)
class Spread:
    """Of the number of orders of each row."""

    low: Floats
    high: Floats
    """Between them with at least the chance that was asked for."""
    none: Floats
    """The chance of no order."""
    mean: Floats
    square: Floats
    """The mean of the number's square."""


def spread(model: Counting, rows: Rows, horizon: float, level: float, expected: Floats) -> Spread:
    """Count through the chances until next to nothing is left. `expected` is the mean number of each row."""
    if not len(rows) or horizon <= 0:
        nothing = np.zeros(len(rows))
        return Spread(nothing, nothing, np.ones(len(rows)), nothing, nothing)
    found = np.empty((5, len(rows)))
    size = np.digitize(expected, _SIZES)
    for some in np.unique(size):
        which = np.flatnonzero(size == some)
        found[:, which] = _counted(model.chances(rows.at(which), horizon), len(which), level)
    return Spread(*found)


def _counted(chances: Iterator[Floats], rows: int, level: float) -> Floats:
    below, above = (1 - level) / 2, (1 + level) / 2
    low, high, mean, square, seen = np.zeros((5, rows))
    none = np.zeros(rows)
    for count, mass in enumerate(chances):
        if not count:
            none = mass
        low[seen < below] = count
        high[seen < above] = count
        seen += mass
        mean += count * mass
        square += count**2 * mass
        if 1 - seen.min() < _REST or count > _MOST:
            break
    return np.array([low, high, none, mean, square])


@dataclass(frozen=True, slots=True)
class MoneySpread:
    """Of the money of each row, in parts of a person's own scale (`GammaGamma.scale`); NaN where it has no bounds."""

    low: Floats
    high: Floats
    square: Floats
    """The mean of its square."""


def money_spread(orders: Spread, times: Floats, model: GammaGamma, level: float) -> MoneySpread:
    """Of the sum of so many orders' values.

    Of a given number n of orders it is beta-prime(p n, q + p × times). Over all numbers one beta-prime of the same tail is taken
    that has the mean and the variance of the mixture; it is exact where one order is all that can be.
    """
    tail = model.q + model.p * times
    bounded = tail > 2
    span = np.where(bounded, (tail - 1) * (tail - 2), np.nan)
    square = (model.p**2 * orders.square + model.p * orders.mean) / span
    some = np.maximum(1 - orders.none, 1e-12)
    mean = model.p * orders.mean / (np.where(bounded, tail, np.nan) - 1) / some
    with np.errstate(invalid="ignore"):  # of those who surely order nothing
        uneven = square / some / mean**2 - 1
    shape = (tail - 1) / (uneven * (tail - 2) - 1)
    stretch = mean * (tail - 1) / shape

    def at(chance: float) -> Floats:
        beyond = (chance - orders.none) / some
        any_money = bounded & (beyond > 0)
        found = np.where(bounded, 0.0, np.nan)
        share = betaincinv(shape[any_money], tail[any_money], np.minimum(beyond[any_money], 1.0))
        found[any_money] = stretch[any_money] * share / (1 - share)
        return found

    return MoneySpread(at((1 - level) / 2), at((1 + level) / 2), square)
