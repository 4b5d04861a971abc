"""Pareto/NBD — people order at random at a rate of their own until, at a moment nobody sees, they stop for good.

Rates are Gamma(r, α) over people, and so are the rates of stopping: Gamma(s, β). Schmittlein, Morrison and Colombo 1987,
"Counting your customers: who are they and what will they do next?". Time is in the unit of the records; α and β are in it too.

The likelihood is taken as the integral over the moment of stopping that it is, not as the 2F1 of the paper (see
`integrals` and `stopping`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, psi

from tiefen.insight.models.purchases.fitting import Fit, Objective, climb, fit_of, no_fit
from tiefen.insight.models.purchases.integrals import legendre, waned
from tiefen.insight.models.purchases.lattice import LEAST_ROWS, Lattice
from tiefen.insight.models.purchases.records import Floats, Levels, Records, Rows, alike
from tiefen.insight.models.purchases.sketch import MANY, sketch
from tiefen.insight.models.purchases.stopping import stopping
from tiefen.insight.models.purchases.tellable import untellable

NAME = "pareto_nbd"
NAMES = ("r", "alpha", "s", "beta")
_POINTS_OF_A_LIFE = 16


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """The parameters, and what they say of people with such records."""

    r: float
    alpha: float
    s: float
    beta: float

    def values(self) -> Floats:
        return np.array([self.r, self.alpha, self.s, self.beta])

    @classmethod
    def of(cls, values: Floats) -> ParetoNbd:
        return cls(*(float(value) for value in values))

    def alive(self, rows: Rows) -> Floats:
        """The chance that they have not stopped ordering."""
        stops = stopping(self.values(), rows.frequency, rows.recency, rows.age)
        gone = np.log(self.s) + stops.log_area + (self.r + rows.frequency) * np.log(self.alpha + rows.age)
        return expit(-(gone + self.s * np.log(self.beta + rows.age)))

    def expected(self, rows: Rows, horizon: float) -> Floats:
        """How many orders they will make in the time to come."""
        return self.alive(rows) * self._if_alive(rows.frequency, rows.age, horizon)

    def expected_of_new(self, times: Floats) -> Floats:
        """How many orders somebody unknown makes in so much time after their first."""
        nobody = np.zeros(len(times))
        return self._if_alive(nobody, nobody, times)

    def _if_alive(self, frequency: Floats, age: Floats, horizon: Floats | float) -> Floats:
        rate = (self.r + frequency) / (self.alpha + age)
        return rate * (self.beta + age) * waned(self.s - 1, np.log1p(horizon / (self.beta + age)))

    def chances(self, rows: Rows, horizon: float) -> Iterator[Floats]:
        """The chance of 0, 1, 2 … orders in the time to come, for ever."""
        places, weights = legendre(_POINTS_OF_A_LIFE)
        stays = -self.s * np.log1p(horizon / (self.beta + rows.age))
        lives = np.expm1(-np.log1p(places * np.expm1(stays)[:, None]) / self.s) * (self.beta + rows.age)[:, None]
        lives = np.concatenate([lives, np.full((len(rows), 1), horizon)], axis=1)
        share = np.concatenate([-np.expm1(stays)[:, None] * weights, np.exp(stays)[:, None]], axis=1)
        shape, age = (self.r + rows.frequency)[:, None], (self.alpha + rows.age)[:, None]
        step = np.log(lives) - np.log(age + lives)
        log_mass, alive, count = -shape * np.log1p(lives / age), self.alive(rows), 0
        while True:
            mass = alive * np.einsum("ij,ij->i", share, np.exp(log_mass))
            yield mass if count else mass + 1 - alive
            log_mass += step + np.log((shape + count) / (count + 1))
            count += 1

    def silence(self, rows: Rows) -> Floats:
        """How usual the present silence is: the chance that somebody of such a record who has not stopped waits as long."""
        shape = self.r + rows.frequency
        return np.exp(shape * (np.log(self.alpha + rows.recency) - np.log(self.alpha + rows.age)))


def fit(records: Records) -> Fit[ParetoNbd]:
    """The most likely parameters for these people, or why there are none to stand by."""
    return fit_rows(alike(records))


def fit_rows(rows: Rows) -> Fit[ParetoNbd]:
    """The same from records already put together."""
    people = int(rows.people.sum())
    if why := untellable(rows):
        return no_fit(NAME, NAMES, why, people)
    unit = float(rows.people @ rows.age) / people
    objective = likelihood(rows.scaled(unit))
    near = likelihood(sketch(rows).scaled(unit)) if len(rows) > MANY else None
    starts = [np.log([1.0, 1.0, 1.0, 1.0]), np.log([0.5, 0.3, 0.5, 0.3]), np.log([2.0, 0.5, 0.3, 3.0])]
    peak = climb(objective, starts, people, near)
    if peak.why:
        return no_fit(NAME, NAMES, peak.why, people, peak.evaluations)
    model = ParetoNbd.of(np.exp(peak.at) * np.array([1.0, unit, 1.0, unit]))
    height = peak.height - float(rows.people @ rows.frequency) * np.log(unit)
    return fit_of(NAME, NAMES, model, peak, people, float(height))


def likelihood(rows: Rows) -> Objective:
    """The log-likelihood of the rows, and its gradient, by the logarithms of r, α, s, β."""
    counts = Levels.of(rows.frequency, rows.people)
    said = _said(rows, counts)
    people, x = rows.people.sum(), counts.values

    def objective(at: Floats) -> tuple[float, Floats]:
        values = np.exp(at)
        r, alpha, s, beta = values
        height, slope = said(values)
        height += counts.people @ (gammaln(r + x) - gammaln(r)) + people * (r * at[1] + s * at[3])
        slope += np.array([
            counts.people @ (psi(r + x) - psi(r)) + people * at[1], people * r / alpha, people * at[3], people * s / beta
        ])  # fmt: skip
        return float(height), slope * values

    return objective


def _said(rows: Rows, counts: Levels) -> Callable[[Floats], tuple[float, Floats]]:
    """The sum over people of what they did since their first order, without what is the same for all of a frequency; and its
    slope by r, α, s, β."""
    if len(rows) >= LEAST_ROWS and (lattice := Lattice(rows, counts)).pays:
        return lattice.said
    ages, weight = Levels.of(rows.age, rows.people), rows.people
    of_age = ages.code

    def said(values: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = values
        shape = r + rows.frequency
        found = stopping(values, rows.frequency, rows.recency, rows.age)
        log_alpha, log_beta = np.log(alpha + ages.values)[of_age], np.log(beta + ages.values)[of_age]
        stayed = -shape * log_alpha - s * log_beta
        gone = np.log(s) + found.log_area - stayed
        small = np.exp(-np.abs(gone))
        height = (weight * (stayed + np.maximum(gone, 0) + np.log1p(small))).sum()
        stopped = np.where(gone > 0, 1.0, small) / (1 + small)
        lived, died = weight * (1 - stopped), weight * stopped
        mean_la, mean_a, mean_lb, mean_b = found.means
        near_alpha, near_beta = 1 / (alpha + ages.values)[of_age], 1 / (beta + ages.values)[of_age]
        slope = np.array([
            -(lived * log_alpha + died * mean_la).sum(), -(shape * (lived * near_alpha + died * mean_a)).sum(),
            died.sum() / s - (lived * log_beta + died * mean_lb).sum(),
            -(s * lived * near_beta + (s + 1) * died * mean_b).sum(),
        ])  # fmt: skip
        return float(height), slope

    return said
