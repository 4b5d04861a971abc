"""How right a forecast was, once the time it spoke of is over: of each person, and of all together.

The error of all together is told of the time forecast alone (`increment_error`). Counted from the first order on, as published
figures often are (`cumulative_error`), it looks half as large, since the model was fitted to the first part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiefen.insight.models.purchases.models import OrderModel
from tiefen.insight.models.purchases.records import Floats, Records, Rows, alike

_BY_TENTH = 10


@dataclass(frozen=True, slots=True)
class Backtest:
    """Expected orders against those that came."""

    people: int
    expected: float
    actual: float
    mean_error: float
    """Mean of |expected − actual| over people."""
    root_mean_square: float
    root_mean_square_log: float
    """The same of ln(1 + orders)."""
    correlation: float | None
    capture: float | None
    """Of all orders that came, the share made by the tenth of whom most was expected."""
    best_capture: float | None
    """The same of the tenth who did order most: nothing can do better."""

    @property
    def increment_error(self) -> float | None:
        """(expected − actual) ÷ actual."""
        return self.expected / self.actual - 1 if self.actual else None


def backtest(expected: Floats, actual: Floats) -> Backtest:
    """Compare, person by person."""
    if not len(actual):
        return Backtest(0, 0.0, 0.0, float("nan"), float("nan"), float("nan"), None, None, None)
    error, logs = expected - actual, np.log1p(expected) - np.log1p(actual)
    varies = len(actual) > 1 and np.ptp(expected) > 0 and np.ptp(actual) > 0
    return Backtest(
        len(actual), float(expected.sum()), float(actual.sum()), float(np.abs(error).mean()),
        float(np.sqrt((error**2).mean())), float(np.sqrt((logs**2).mean())),
        float(np.corrcoef(expected, actual)[0, 1]) if varies else None,
        _capture(expected, actual), _capture(actual, actual),
    )  # fmt: skip


def _capture(by: Floats, actual: Floats) -> float | None:
    """Ties at the border are shared out."""
    most = max(1, len(by) // _BY_TENTH)
    if not actual.sum():
        return None
    border = np.partition(by, len(by) - most)[len(by) - most]
    above, at = by > border, by == border
    share = (most - above.sum()) / at.sum()
    return float((actual[above].sum() + share * actual[at].sum()) / actual.sum())


@dataclass(frozen=True, slots=True)
class Tracking:
    """All later orders of a set of people, up to two moments: expected from their first orders on, and those that came."""

    expected: tuple[float, float]
    actual: tuple[float, float]

    @property
    def cumulative_error(self) -> float:
        return self.expected[1] / self.actual[1] - 1

    @property
    def increment_error(self) -> float:
        """Of what was added between the two."""
        return (self.expected[1] - self.expected[0]) / (self.actual[1] - self.actual[0]) - 1


def tracking(model: OrderModel, records: Records, horizon: float, came: float) -> Tracking:
    """`records` as of the moment of the fit; `came` is how many orders they made within `horizon` after it."""
    before, after = expected_by(model, records.age, np.array([0.0, horizon]))
    so_far = float(records.frequency.sum())
    return Tracking((float(before), float(after)), (so_far, so_far + came))


def expected_by(model: OrderModel, ages: Floats, times: Floats) -> Floats:
    """How many later orders people who first ordered so long ago (negative: in the future) are expected to have made at each time."""
    levels, people = np.unique(ages, return_counts=True)
    known = np.maximum(levels[:, None] + times[None, :], 0)
    different, place = np.unique(known, return_inverse=True)
    return np.asarray(people @ model.expected_of_new(different)[place.reshape(known.shape)])


def expected_counts(model: OrderModel, records: Records, most: int) -> Floats:
    """How many people are expected to have made 0, 1 … `most` − 1, and `most` or more later orders by now."""
    rows = alike(records)
    levels, place = np.unique(rows.age, return_inverse=True)
    people = np.bincount(place, rows.people)
    found = np.zeros(most + 1)
    nobody = np.zeros(1)
    fresh = Rows(nobody, nobody, nobody, np.ones(1), np.empty(0, np.int64))
    for age, some in zip(levels, people, strict=True):
        chances = model.chances(fresh, float(age))
        found[:most] += some * np.array([next(chances)[0] for _ in range(most)])
    found[most] = len(records) - found[:most].sum()
    return found
