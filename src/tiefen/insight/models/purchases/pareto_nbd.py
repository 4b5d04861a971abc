"""Pareto/NBD — people order at random at a rate of their own until, at a moment nobody sees, they stop for good.

Rates are Gamma(r, α) over people, and so are the rates of stopping: Gamma(s, β). Schmittlein, Morrison and Colombo 1987,
"Counting your customers: who are they and what will they do next?". Time is in the unit of the records; α and β are in it too.

The likelihood is taken as the integral over the moment of stopping that it is, not as the 2F1 of the paper (see
`integrals`): ∫ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ from the last order to the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, psi

from tiefen.insight.models.purchases.fitting import Fit, Objective, climb, fit_of, no_fit
from tiefen.insight.models.purchases.integrals import legendre, waned
from tiefen.insight.models.purchases.records import Floats, Levels, Records, Rows, alike
from tiefen.insight.models.purchases.tellable import untellable

NAME = "pareto_nbd"
NAMES = ("r", "alpha", "s", "beta")
_POINTS, _POINTS_OF_A_LIFE = 24, 16
_NARROW, _IN_NARROW, _IN_WIDE = 0.05, (3, 1), (8, 3)
"""Points and bend in a cell of the lattice, as its width is small or not beside α and β."""
_BEND = 4
_NOTHING = -1e300
"""The logarithm of nothing, of which a difference can be taken."""
_LEAST_ROWS, _CELLS_A_ROW, _LEAST_CELLS = 2_000, 3, 200
"""A lattice of times pays for so many rows, where it has at most so many cells for each. It has at least so many steps."""
_AT_ONCE = 1 << 14
"""Rows integrated at once: what they take stays near the processor."""


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
    starts = [np.log([1.0, 1.0, 1.0, 1.0]), np.log([0.5, 0.3, 0.5, 0.3]), np.log([2.0, 0.5, 0.3, 3.0])]
    peak = climb(objective, starts, people)
    if peak.why:
        return no_fit(NAME, NAMES, peak.why, people, peak.evaluations)
    model = ParetoNbd.of(np.exp(peak.at) * np.array([1.0, unit, 1.0, unit]))
    height = peak.height - float(rows.people @ rows.frequency) * np.log(unit)
    return fit_of(NAME, NAMES, model, peak, people, float(height))


@dataclass(frozen=True, slots=True)
class Stopping:
    """The integral over the moment of stopping, and means under it: what its derivatives are made of."""

    log_area: Floats
    """Its logarithm; −∞ where no time has passed."""
    means: tuple[Floats, Floats, Floats, Floats]
    """Of ln(α+τ), 1/(α+τ), ln(β+τ), 1/(β+τ)."""


def stopping(
    values: Floats, frequency: Floats, start: Floats, end: Floats, points: int = _POINTS, bend: int = _BEND
) -> Stopping:
    """Integrate from `start` to `end`, in the measure of one power law that falls at both ends as fast as the integrand does:
    where α = β that is the integrand itself, and one point would do.

    `bend` crowds the points towards the end, where that measure has a logarithm in it: needed over long stretches.
    """
    if len(start) > _AT_ONCE:
        return _joined(
            stopping(values, frequency[part], start[part], end[part], points, bend)
            for part in (slice(at, at + _AT_ONCE) for at in range(0, len(start), _AT_ONCE))
        )
    r, alpha, s, beta = values
    places, weights = legendre(points)
    weights = bend * (1 - places) ** (bend - 1) * weights
    to_end = (1 - places) ** bend
    span = end - start
    fall = (r + frequency) / (alpha + start) + (s + 1) / (beta + start)
    ease = np.log(fall) - np.log((r + frequency) / (alpha + end) + (s + 1) / (beta + end))
    ease = np.maximum(ease, 1e-12)
    base = np.where(span > 0, span, 1.0) / np.expm1(ease)
    power = fall * base - 1
    power = np.where(np.abs(power) < 1e-6, 1e-6, power)
    kept = np.exp(-power * ease)[:, None]
    waits = -np.log(kept + (1 - kept) * to_end) / power[:, None]
    past = base[:, None] * np.expm1(waits)
    since_alpha, since_beta = (alpha + start)[:, None] + past, (beta + start)[:, None] + past
    log_alpha, log_beta = np.log(since_alpha), np.log(since_beta)
    tilt = (power + 1)[:, None] * waits - (r + frequency)[:, None] * log_alpha - (s + 1) * log_beta
    most = tilt.max(axis=1)
    mass = weights * np.exp(tilt - most[:, None])
    area = mass.sum(axis=1)
    means = (
        np.einsum("ij,ij->i", mass, log_alpha) / area, np.einsum("ij,ij->i", mass, 1 / since_alpha) / area,
        np.einsum("ij,ij->i", mass, log_beta) / area, np.einsum("ij,ij->i", mass, 1 / since_beta) / area,
    )  # fmt: skip
    log_area = most + np.log(area) + np.log(base) + np.log(-np.expm1(-power * ease) / power)
    return Stopping(np.where(span > 0, log_area, -np.inf), means)


def _joined(parts: Iterable[Stopping]) -> Stopping:
    some = list(parts)
    means = [np.concatenate(columns) for columns in zip(*(part.means for part in some), strict=True)]
    return Stopping(np.concatenate([part.log_area for part in some]), (means[0], means[1], means[2], means[3]))


class _Lattice:
    """The same integrals for many rows whose times are few, such as days: once for each frequency and stretch between two
    neighbouring times, then added up from the end, so that a row is the difference of two sums."""

    def __init__(self, counts: Levels, rows: Rows) -> None:
        self.counts = counts
        steps = np.linspace(0, rows.age.max(), _LEAST_CELLS)
        self.times = np.unique(np.concatenate([rows.recency, rows.age, steps]))
        first = counts.code * len(self.times)
        self.start = first + np.searchsorted(self.times, rows.recency)
        self.end = first + np.searchsorted(self.times, rows.age)

    @property
    def cells(self) -> int:
        return len(self.counts.values) * len(self.times)

    def stopping(self, values: Floats) -> Stopping:
        sums, means = self._sums(values)
        from_start = sums.ravel()[self.start]
        kept = np.exp(sums.ravel()[self.end] - from_start)
        left = 1 - kept
        with np.errstate(divide="ignore"):
            log_area = from_start + np.log(left)
        left[left <= 0] = np.inf
        found = [(mean.ravel()[self.start] - kept * mean.ravel()[self.end]) / left for mean in means]
        return Stopping(log_area, (found[0] + np.log(values[1]), found[1], found[2] + np.log(values[3]), found[3]))

    def _sums(self, values: Floats) -> tuple[Floats, list[Floats]]:
        """For each frequency and time: the logarithm of the integral from there to the last time, and means under it, those
        of logarithms against ln α and ln β: all positive, so that they too add up in logarithms."""
        x, width = self.counts.values, len(self.times) - 1
        start, end = np.tile(self.times[:-1], len(x)), np.tile(self.times[1:], len(x))
        widest = (np.diff(self.times) / (min(values[1], values[3]) + self.times[:-1])).max()
        how = _IN_NARROW if widest < _NARROW else _IN_WIDE
        cells = stopping(values, np.repeat(x, width), start, end, *how)
        sums = self._added(cells.log_area)
        mean_la, mean_a, mean_lb, mean_b = cells.means
        means = []
        for mean in (mean_la - np.log(values[1]), mean_a, mean_lb - np.log(values[3]), mean_b):
            with np.errstate(divide="ignore", invalid="ignore"):
                found = np.exp(self._added(cells.log_area + np.log(np.maximum(mean, 0))) - sums)
            found[:, -1] = 0
            means.append(found)
        return sums, means

    def _added(self, logs: Floats) -> Floats:
        """Added up from the last time on; of that time itself nothing."""
        each = logs.reshape(len(self.counts.values), -1)
        return np.pad(
            np.logaddexp.accumulate(each[:, ::-1], axis=1)[:, ::-1], ((0, 0), (0, 1)), constant_values=-np.inf
        )


def likelihood(rows: Rows) -> Objective:
    """The log-likelihood of the rows, and its gradient, by the logarithms of r, α, s, β."""
    counts, ages = Levels.of(rows.frequency, rows.people), Levels.of(rows.age, rows.people)
    lattice = _Lattice(counts, rows)
    few = len(rows) >= _LEAST_ROWS and lattice.cells <= _CELLS_A_ROW * len(rows)
    people, weight, of_age = rows.people.sum(), rows.people, ages.code

    def integrals(values: Floats) -> Stopping:
        if few:
            return lattice.stopping(values)
        return stopping(values, rows.frequency, rows.recency, rows.age)

    def objective(at: Floats) -> tuple[float, Floats]:
        values = np.exp(at)
        r, alpha, s, beta = values
        x, shape = counts.values, r + rows.frequency
        found = integrals(values)
        log_alpha, log_beta = np.log(alpha + ages.values)[of_age], np.log(beta + ages.values)[of_age]
        stayed = -shape * log_alpha - s * log_beta
        gone = np.log(s) + found.log_area - stayed
        small = np.exp(-np.abs(gone))
        height = counts.people @ (gammaln(r + x) - gammaln(r)) + people * (r * at[1] + s * at[3])
        height += (weight * (stayed + np.maximum(gone, 0) + np.log1p(small))).sum()
        stopped = np.where(gone > 0, 1.0, small) / (1 + small)
        lived, died = weight * (1 - stopped), weight * stopped
        mean_la, mean_a, mean_lb, mean_b = found.means
        near_alpha, near_beta = 1 / (alpha + ages.values)[of_age], 1 / (beta + ages.values)[of_age]
        slope = np.array([
            counts.people @ (psi(r + x) - psi(r)) + people * at[1] - (lived * log_alpha + died * mean_la).sum(),
            people * r / alpha - (shape * (lived * near_alpha + died * mean_a)).sum(),
            people * at[3] + died.sum() / s - (lived * log_beta + died * mean_lb).sum(),
            people * s / beta - (s * lived * near_beta + (s + 1) * died * mean_b).sum(),
        ])  # fmt: skip
        return float(height), slope * values

    return objective
