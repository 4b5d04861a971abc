"""BG/NBD — people order at random at a rate of their own, and after each order some never come back.

Rates are Gamma(r, α) over people, the chance to stop after an order Beta(a, b). Fader, Hardie and Lee 2005,
"Counting your customers the easy way". Time is in the unit of the records; α is in it too. Somebody who ordered once has
not stopped under this model: stopping is seen only after an order that was a return.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, psi

from tiefen.insight.models.purchases.fitting import Fit, Objective, climb, fit_of, no_fit
from tiefen.insight.models.purchases.integrals import beta_points, points_for
from tiefen.insight.models.purchases.records import Floats, Levels, Records, Rows, alike
from tiefen.insight.models.purchases.sketch import MANY, sketch
from tiefen.insight.models.purchases.tellable import untellable

NAME = "bg_nbd"
NAMES = ("r", "alpha", "a", "b")
_AT_ONCE = 1 << 21
"""Numbers held at once while integrating."""
_ROWS_AT_ONCE = 1 << 14
"""Rows looked at once while fitting: what they take stays near the processor."""


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The parameters, and what they say of people with such records."""

    r: float
    alpha: float
    a: float
    b: float

    def values(self) -> Floats:
        return np.array([self.r, self.alpha, self.a, self.b])

    @classmethod
    def of(cls, values: Floats) -> BgNbd:
        return cls(*(float(value) for value in values))

    def alive(self, rows: Rows) -> Floats:
        """The chance that they have not stopped ordering."""
        longer = np.log(self.alpha + rows.age) - np.log(self.alpha + rows.recency)
        again = np.maximum(rows.frequency, 1)
        gone = np.log(self.a) - np.log(self.b + again - 1) + (self.r + rows.frequency) * longer
        return np.where(rows.frequency > 0, expit(-gone), 1.0)

    def expected(self, rows: Rows, horizon: float) -> Floats:
        """How many orders they will make in the time to come."""
        return self.alive(rows) * self._if_alive(rows, horizon)

    def expected_of_new(self, times: Floats) -> Floats:
        """How many orders somebody unknown makes in so much time after their first."""
        nobody = np.zeros(len(times))
        return self._if_alive(Rows(nobody, nobody, nobody, nobody + 1, np.empty(0, np.int64)), times)

    def _if_alive(self, rows: Rows, horizon: Floats | float) -> Floats:
        """Orders to come of those who have not stopped: the mean of (1 − e^(−λpt)) ÷ p over rates λ and chances p."""
        stretch = np.maximum(horizon, 0) / (self.alpha + rows.age)
        if not stretch.any():
            return np.zeros(len(rows))
        points = points_for(1 / float(stretch.max()))
        levels, code = np.unique(rows.frequency, return_inverse=True)
        places, weights = beta_points(self.a, self.b + levels, points)
        share = weights / places
        found = np.empty(len(rows))
        chunk = max(1, _AT_ONCE // points)
        for start in range(0, len(rows), chunk):
            part = slice(start, start + chunk)
            which = code[part]
            waits = np.log1p(places[which] * stretch[part, None])
            waits *= -(self.r + rows.frequency[part, None])
            found[part] = -np.einsum("ij,ij->i", share[which], np.expm1(waits, out=waits))
        return found

    def chances(self, rows: Rows, horizon: float) -> Iterator[Floats]:
        """The chance of 0, 1, 2 … orders in the time to come, for ever."""
        shape, stays, alive = self.r + rows.frequency, self.b + rows.frequency, self.alive(rows)
        step = np.log(horizon) - np.log(self.alpha + rows.age + horizon)
        log_mass = shape * (np.log(self.alpha + rows.age) - np.log(self.alpha + rows.age + horizon))
        mass = np.exp(log_mass)
        yield 1 - alive + alive * mass
        fewer, going_on, stopped, count = mass, np.ones(len(rows)), self.a / (self.a + stays), 0
        while True:
            going_on = going_on * (stays + count) / (self.a + stays + count)
            log_mass = log_mass + step + np.log((shape + count) / (count + 1))
            mass = np.exp(log_mass)
            count += 1
            yield alive * (going_on * mass + stopped * np.maximum(1 - fewer, 0.0))
            fewer = fewer + mass
            stopped = stopped * (stays + count - 1) / (self.a + stays + count)

    def silence(self, rows: Rows) -> Floats:
        """How usual the present silence is: the chance that somebody of such a record who has not stopped waits as long."""
        shape = self.r + rows.frequency
        return np.exp(shape * (np.log(self.alpha + rows.recency) - np.log(self.alpha + rows.age)))


def fit(records: Records) -> Fit[BgNbd]:
    """The most likely parameters for these people, or why there are none to stand by."""
    return fit_rows(alike(records))


def fit_rows(rows: Rows) -> Fit[BgNbd]:
    """The same from records already put together."""
    people = int(rows.people.sum())
    if why := untellable(rows):
        return no_fit(NAME, NAMES, why, people)
    unit = float(rows.people @ rows.age) / people
    objective = likelihood(rows.scaled(unit))
    near = likelihood(sketch(rows).scaled(unit)) if len(rows) > MANY else None
    starts = [np.log([1.0, 1.0, 1.0, 1.0]), np.log([0.3, 0.1, 0.5, 5.0]), np.log([2.0, 0.5, 0.1, 3.0])]
    peak = climb(objective, starts, people, near)
    if peak.why:
        return no_fit(NAME, NAMES, peak.why, people, peak.evaluations)
    model = BgNbd.of(np.exp(peak.at) * np.array([1.0, unit, 1.0, 1.0]))
    height = peak.height - float(rows.people @ rows.frequency) * np.log(unit)
    return fit_of(NAME, NAMES, model, peak, people, float(height))


def likelihood(rows: Rows) -> Objective:
    """The log-likelihood of the rows, and its gradient, by the logarithms of r, α, a, b."""
    counts, last, ages = (Levels.of(column, rows.people) for column in (rows.frequency, rows.recency, rows.age))
    people, x = rows.people.sum(), counts.values
    again = x > 0
    returned = rows.frequency > 0
    weight, of = rows.people[returned], counts.code[returned]
    of_last, of_age = last.code[returned], ages.code[returned]
    by_age = np.bincount(ages.code, rows.people * rows.frequency, len(ages.values))

    def of_returned(at: Floats, turn: Floats) -> tuple[float, float, float, Floats]:
        """Of those who came back: ln(1 + chance to have stopped ÷ to have stayed), its slopes by r and by α, and how many have
        stopped of each frequency."""
        r, alpha = np.exp(at[:2])
        log_age, log_last = np.log(alpha + ages.values), np.log(alpha + last.values)
        near_age, near_last = 1 / (alpha + ages.values), 1 / (alpha + last.values)
        shape, by_count, sums = r + x, np.zeros(len(x)), np.zeros(3)
        for start in range(0, len(weight), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            which, since, until = of[part], of_last[part], of_age[part]
            longer = log_age[until] - log_last[since]
            gone = turn[which] + shape[which] * longer
            small = np.exp(-np.abs(gone))
            stopped = weight[part] * np.where(gone > 0, 1.0, small) / (1 + small)
            sums[0] += weight[part] @ (np.maximum(gone, 0) + np.log1p(small))
            sums[1] += stopped @ longer
            sums[2] += (stopped * shape[which]) @ (near_age[until] - near_last[since])
            by_count += np.bincount(which, stopped, len(x))
        return float(sums[0]), float(sums[1]), float(sums[2]), by_count

    def objective(at: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(at)
        log_age = np.log(alpha + ages.values)
        turn = np.zeros(len(x))
        turn[again] = np.log(a) - np.log(b + x[again] - 1)
        gone, by_r, by_alpha, by_count = of_returned(at, turn)
        height = counts.people @ (_rising(r, x) + _rising(b, x) - _rising(a + b, x)) + people * r * np.log(alpha)
        height += gone - (r * ages.people + by_age) @ log_age
        at_b = counts.people @ (psi(a + b) - psi(a + b + x))
        slope = np.array([
            counts.people @ (psi(r + x) - psi(r)) + people * np.log(alpha) - ages.people @ log_age + by_r,
            people * r / alpha - (r * ages.people + by_age) @ (1 / (alpha + ages.values)) + by_alpha,
            at_b + by_count.sum() / a,
            at_b + counts.people @ (psi(b + x) - psi(b)) - (by_count[again] / (b + x[again] - 1)).sum(),
        ])  # fmt: skip
        return float(height), slope * np.exp(at)

    return objective


def _rising(start: float, steps: Floats) -> Floats:
    """ln Γ(start + steps) − ln Γ(start)"""
    return gammaln(start + steps) - gammaln(start)
