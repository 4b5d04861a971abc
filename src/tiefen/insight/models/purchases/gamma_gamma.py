"""Gamma-Gamma — what people spend at a time, each around a mean of their own, whatever the number of times.

Single values are Gamma(p, ν) and ν is Gamma(q, γ) over people. Fader and Hardie 2013, "The Gamma-Gamma model of monetary value".
γ is in the unit of the values. It holds where spending has nothing to do with how often people come: `Spending.correlation`
says how far that is so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, psi

from tiefen.insight.models.purchases.fitting import Fit, Objective, climb, fit_of, no_fit
from tiefen.insight.models.purchases.records import Floats, Levels, Records

NAME = "gamma_gamma"
NAMES = ("p", "q", "gamma")


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """The parameters, and what they say of people who spent so much at so many times."""

    p: float
    q: float
    gamma: float

    def values(self) -> Floats:
        return np.array([self.p, self.q, self.gamma])

    @classmethod
    def of(cls, values: Floats) -> GammaGamma:
        return cls(*(float(value) for value in values))

    @property
    def mean(self) -> float:
        """The mean value of an order, over everybody; infinite where q ≤ 1."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else float("inf")

    def expected(self, times: Floats, spent: Floats) -> Floats:
        """The mean value of the orders to come of somebody who spent so much at so many times; of 0 times, the mean of all."""
        return self.p * self.scale(spent) / (self.p * times + self.q - 1)

    def scale(self, spent: Floats) -> Floats:
        """γ as it stands after what somebody spent: all their orders to come are in proportion to it."""
        return self.gamma + spent


@dataclass(frozen=True, slots=True)
class Spending:
    """What was paid, of the people who paid anything at a later time; equal ones together."""

    times: Floats
    spent: Floats
    people: Floats

    @property
    def correlation(self) -> float | None:
        """Between how many times people ordered and how much at a time; None where one of them does not vary."""
        if self.people.sum() < 3:
            return None
        value = self.spent / self.times
        away, apart = (column - np.average(column, weights=self.people) for column in (self.times, value))
        spread = np.sqrt((self.people @ away**2) * (self.people @ apart**2))
        return float(self.people @ (away * apart) / spread) if spread > 0 else None


def spending(records: Records) -> Spending:
    """Of everybody who ordered again and paid something at those times."""
    known = (records.frequency > 0) & (records.spent_fen > 0)
    times, spent = records.frequency[known], records.spent_fen[known]
    if not len(times) or np.any(spent != np.floor(spent)) or spent.max() * times.max() > 2.0**52:
        return Spending(times, spent, np.ones(len(times)))
    width = float(spent.max()) + 1
    key, people = np.unique(times * width + spent, return_counts=True)
    return Spending(np.floor(key / width), key % width, people.astype(np.float64))


def fit(records: Records) -> Fit[GammaGamma]:
    """The most likely parameters for these people, or why there are none to stand by."""
    return fit_spending(spending(records))


def fit_spending(some: Spending) -> Fit[GammaGamma]:
    """The same from what was paid."""
    people = int(some.people.sum())
    if not people:
        return no_fit(NAME, NAMES, "nobody_repeats", 0)
    value = some.spent / some.times
    if np.ptp(value) <= 1e-9 * value.max():
        return no_fit(NAME, NAMES, "all_alike", people)
    unit = float(some.people @ value) / people
    objective = likelihood(Spending(some.times, some.spent / unit, some.people))
    starts = [np.log([4.0, 4.0, 1.0]), np.log([1.0, 3.0, 2.0]), np.log([10.0, 2.0, 0.2])]
    peak = climb(objective, starts, people)
    if peak.why:
        return no_fit(NAME, NAMES, peak.why, people, peak.evaluations)
    model = GammaGamma.of(np.exp(peak.at) * np.array([1.0, 1.0, unit]))
    if model.q <= 1:
        return no_fit(NAME, NAMES, "no_mean", people, peak.evaluations)
    return fit_of(NAME, NAMES, model, peak, people, float(peak.height - people * np.log(unit)))


def likelihood(some: Spending) -> Objective:
    """The log-likelihood of the mean values, and its gradient, by the logarithms of p, q, γ."""
    counts = Levels.of(some.times, some.people)
    people, x = some.people.sum(), counts.values
    log_spent = np.log(some.spent)
    by_count = np.bincount(counts.code, some.people * log_spent, len(x))
    fixed = counts.people @ np.log(x) - by_count.sum()
    of, weight = counts.code, some.people

    def objective(at: Floats) -> tuple[float, Floats]:
        p, q, gamma = np.exp(at)
        whole = gamma + some.spent
        sums = np.bincount(of, weight * np.log(whole), len(x))
        near = np.bincount(of, weight / whole, len(x))
        height = fixed + counts.people @ (gammaln(p * x + q) - gammaln(p * x)) - people * (gammaln(q) - q * at[2])
        height += p * (x @ by_count) - (p * x + q) @ sums
        at_both = psi(p * x + q)
        slope = np.array([
            (counts.people * x) @ (at_both - psi(p * x)) + x @ by_count - x @ sums,
            counts.people @ at_both - people * (psi(q) - at[2]) - sums.sum(),
            people * q / gamma - (p * x + q) @ near,
        ])  # fmt: skip
        return float(height), slope * np.exp(at)

    return objective
