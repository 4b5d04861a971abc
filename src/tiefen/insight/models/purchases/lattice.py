"""Pareto/NBD's likelihood of very many records whose times are few, such as days.

What a record says is ln(e^stays + s × ∫), with the integral from the last order to the end. Integrals over the stretches between
two neighbouring times are taken once for each frequency and added up from the last time on, S. As s S(end) is never more than
e^stays, a record is the sum of two positive numbers that are looked up: e^D(end) = e^stays − s S(end), and s S(last order).
Slopes go the same way back: how much each place of the lattice counts for is summed over records, then differentiated once.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from tiefen.insight.models.purchases.integrals import legendre
from tiefen.insight.models.purchases.records import Floats, Levels, Rows
from tiefen.insight.models.purchases.stopping import Moments, moments

LEAST_ROWS, _CELLS_A_ROW, _LEAST_CELLS = 2_000, 6, 24
"""A lattice of times pays for so many rows, where it has at most so many cells for each. It has at least so many steps."""
_AT_ONCE = 1 << 14
"""Rows looked at once: what they take stays near the processor."""
_DIGITS = 1e-10
"""What an integral over a cell may be off by, in parts of itself."""
_FEW = (3, 4, 6, 8, 12)
"""Points that are tried, all frequencies sharing them, before each cell gets points of its own."""
_OWN, _OWN_BEND = 12, 3
_REACH = 600.0
"""Logarithms that differ by less are added up as plain numbers."""
_NEXT_TO_ALL = 1 - 1e-15


class Lattice:
    """All frequencies and all times between which rows lie."""

    def __init__(self, rows: Rows, counts: Levels) -> None:
        self.counts = counts
        steps = np.linspace(0, rows.age.max(), _LEAST_CELLS + 1)
        self.times = np.unique(np.concatenate([steps, rows.recency, rows.age]))
        first = self.counts.code * len(self.times)
        since = np.searchsorted(self.times, rows.recency)
        self._start, self._end = first + since, first + np.searchsorted(self.times, rows.age)
        self._people = rows.people
        self._since = np.full(len(self.counts.values), len(self.times) - 2)
        np.minimum.at(self._since, self.counts.code, np.minimum(since, len(self.times) - 2))

    @property
    def pays(self) -> bool:
        """Whether it is less than asking row by row."""
        rows = len(self._people)
        return rows >= LEAST_ROWS and len(self.counts.values) * len(self.times) <= _CELLS_A_ROW * rows

    def said(self, values: Floats) -> tuple[float, Floats]:
        """The sum over people of ln(e^stays + s × ∫), and its slope by r, α, s, β."""
        r, alpha, s, beta = values
        shape = r + self.counts.values
        found, area = self._cells(values)
        sums = np.full((len(shape), len(self.times)), -np.inf)
        sums[:, :-1] = _running(area[:, ::-1])[:, ::-1]
        log_alpha, log_beta = np.log(alpha + self.times), np.log(beta + self.times)
        stays = -shape[:, None] * log_alpha - s * log_beta
        part = np.minimum(s * np.exp(sums - stays), _NEXT_TO_ALL)
        lived = stays + np.log1p(-part)

        height, stopped = self._told((sums + np.log(s)).ravel(), lived.ravel())
        begun = np.bincount(self._start, stopped, sums.size).reshape(sums.shape)
        ended = np.bincount(self._end, self._people - stopped, sums.size).reshape(sums.shape) / (1 - part)
        slope = self._slope_of_sums(values, found, area, sums, begun - part * ended)
        slope[2] += (begun - part * ended).sum() / s
        by_time = ended.sum(axis=0)
        slope -= np.array([
            by_time @ log_alpha, (shape @ ended) @ (1 / (alpha + self.times)),
            by_time @ log_beta, s * (by_time @ (1 / (beta + self.times))),
        ])  # fmt: skip
        return float(height), slope

    def _told(self, stopped_then: Floats, lived_on: Floats) -> tuple[float, Floats]:
        """Of two logarithms at each place: the sum over people of the logarithm of both together, and how many each row adds to
        the first."""
        height, stopped = 0.0, np.empty(len(self._people))
        for at in range(0, len(stopped), _AT_ONCE):
            part = slice(at, at + _AT_ONCE)
            gone, here, people = stopped_then[self._start[part]], lived_on[self._end[part]], self._people[part]
            more = gone - here
            small = np.exp(-np.abs(more))
            height += float(people @ (np.maximum(gone, here) + np.log(1 + small)))
            np.divide(people * np.where(more > 0, 1.0, small), 1 + small, out=stopped[part])
        return height, stopped

    def _slope_of_sums(self, values: Floats, found: Moments, area: Floats, sums: Floats, counted: Floats) -> Floats:
        """Of Σ counted × ln S: what each cell has in all the sums it is in, and its own slope."""
        r, _, s, _ = values
        shape = (r + self.counts.values)[:, None, None]
        mass = (_shares(area, sums[:, :-1], counted[:, :-1]) * np.exp(found.scale - area))[:, :, None] * found.mass
        each, times_shape = mass, shape * mass
        if len(found.since_alpha) == 1:
            each, times_shape = each.sum(axis=0, keepdims=True), times_shape.sum(axis=0, keepdims=True)
        return -np.array([
            (each * np.log(found.since_alpha)).sum(), (times_shape / found.since_alpha).sum(),
            (each * np.log(found.since_beta)).sum(), (s + 1) * (each / found.since_beta).sum(),
        ])  # fmt: skip

    def _cells(self, values: Floats) -> tuple[Moments, Floats]:
        """The integrand in each cell, by frequency and stretch of time, and the logarithm of its integral."""
        points = self._enough(values)
        found = self._shared(values, points) if points else self._own(values)
        return found, found.scale + np.log(found.mass.sum(axis=2))

    def _enough(self, values: Floats) -> int:
        """How many points all frequencies can share; 0 where they cannot. As exp(−c u) over 0…1 has it, with c² n-fold rising as
        the derivatives of a power law do."""
        r, alpha, s, beta = values
        width = np.diff(self.times) / (min(alpha, beta) + self.times[:-1])
        widest = np.maximum.accumulate(width[::-1])[::-1][self._since]
        for points in _FEW:
            steep = (r + self.counts.values + s + 1 + 2 * points) * widest
            if steep.max() ** (2 * points) * _off(points) < _DIGITS:
                return points
        return 0

    def _shared(self, values: Floats, points: int) -> Moments:
        r, alpha, s, beta = values
        places, weights = legendre(points)
        width = np.diff(self.times)
        at = self.times[:-1, None] + width[:, None] * places
        log_alpha, log_beta = np.log(alpha + at), np.log(beta + at)
        first_alpha, first_beta = np.log(alpha + self.times[:-1]), np.log(beta + self.times[:-1])
        shape = r + self.counts.values
        tilt = -(s + 1) * (log_beta - first_beta[:, None]) + np.log(weights * width[:, None])
        mass = shape[:, None, None] * (first_alpha[:, None] - log_alpha)
        mass += tilt
        np.exp(mass, out=mass)
        scale = -shape[:, None] * first_alpha - (s + 1) * first_beta
        return Moments((alpha + at)[None], (beta + at)[None], mass, scale)

    def _own(self, values: Floats) -> Moments:
        x, cells = self.counts.values, len(self.times) - 1
        start, end = np.tile(self.times[:-1], len(x)), np.tile(self.times[1:], len(x))
        found = moments(values, np.repeat(x, cells), start, end, _OWN, _OWN_BEND)
        shape = len(x), cells, _OWN
        return Moments(
            found.since_alpha.reshape(shape), found.since_beta.reshape(shape), found.mass.reshape(shape),
            found.scale.reshape(shape[:2]),
        )  # fmt: skip


def _off(points: int) -> float:
    """How far Gauss and Legendre's points are off, for a function whose derivatives are one."""
    return factorial(points) ** 4 / ((2 * points + 1) * factorial(2 * points) ** 3)


def _running(logs: Floats) -> Floats:
    """Logarithms of the running sums along the rows."""
    most = logs.max(axis=1, keepdims=True)
    if (most - logs).max() < _REACH:
        return most + np.log(np.cumsum(np.exp(logs - most), axis=1))
    return np.logaddexp.accumulate(logs, axis=1)


def _shares(area: Floats, sums: Floats, counted: Floats) -> Floats:
    """What each cell is in all the sums it is in: its area × the running sum of counted ÷ S."""
    low, high = sums[:, -1:], sums[:, :1]
    if (high - low).max() < _REACH:
        middle = (low + high) / 2
        return np.exp(area - middle) * np.cumsum(counted * np.exp(middle - sums), axis=1)
    with np.errstate(divide="ignore"):
        more, less = (
            np.exp(area + np.logaddexp.accumulate(np.log(np.maximum(some, 0)) - sums, axis=1))
            for some in (counted, -counted)
        )
    found: Floats = more - less
    return found
