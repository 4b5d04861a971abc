"""成长曲线 — how a group's arrivals add up: power law, logistic and NetTide-like as rivals, for all groups at once.

Each curve is fitted to the first four fifths of a group's life and judged by the last fifth; the one that is nearest there is
fitted to the whole and drawn on. Shapes come from a lattice and the height from least squares, so that nothing can fail to
converge and thousands of groups cost a few products of matrices. NetTide (Zang et al. 2016) is a logistic in time that slows
down, N∞ / (1 + c·exp(−k·u^(1−θ))); with θ = 0 it is the logistic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiefen.insight.models.life.grid import Floats, Ints

POINTS, SEEN = 40, 32
LEAST_DAYS, LEAST_PEOPLE = 42, 8
FURTHEST = 0.5
"""Of a group's age: so far ahead a curve is drawn on at most."""
CURVES = ("power_law", "logistic", "nettide")

_POWERS = np.geomspace(0.05, 4.0, 40)
_SIZES = np.geomspace(0.3, 3_000.0, 40)
_SPEEDS = np.geomspace(0.5, 60.0, 40)
_AT_ONCE = 1_000
_SLOWING = (0.25, 0.5, 0.75)


def _lattice() -> tuple[Ints, Floats]:
    """(curve, its three shape numbers), a line a shape."""
    lines = [(0, power, 0.0, 0.0) for power in _POWERS]
    for curve, slowing in ((1, 0.0), *((2, one) for one in _SLOWING)):
        lines += [(curve, size, speed, slowing) for size in _SIZES for speed in _SPEEDS]
    table = np.array(lines)
    return table[:, 0].astype(np.int64), table[:, 1:]


_CURVE, _SHAPE = _lattice()


@dataclass(frozen=True, slots=True)
class Growth:
    """A line a group."""

    curve: Ints
    """An index of `CURVES`; −1 where too little is known."""
    error: Floats
    """Mean distance from the last fifth, of what was there: of the chosen curve."""
    errors: Floats
    """(group, curve): the same of each rival."""
    limit: Floats
    """The level it tends to; infinite for a power law."""
    ahead_30: Floats
    ahead_90: Floats
    """More arrivals expected within so many days; not a number where that is further than `FURTHEST` of the age."""


def grown(arrived: Floats, age: Ints) -> Growth:
    """`arrived` (group, POINTS): people who ever came, at equal steps of each group's life up to now; `age` in days."""
    some = [_grown(arrived[n : n + _AT_ONCE], age[n : n + _AT_ONCE]) for n in range(0, max(1, len(age)), _AT_ONCE)]
    return Growth(*(np.concatenate([getattr(one, name) for one in some]) for name in Growth.__dataclass_fields__))


def _grown(arrived: Floats, age: Ints) -> Growth:
    groups = len(arrived)
    now = arrived[:, -1]
    some = (age >= LEAST_DAYS) & (now >= LEAST_PEOPLE) & (arrived[:, SEEN - 1] > 0)
    y = arrived / np.maximum(now, 1)[:, None]
    u = np.arange(1, POINTS + 1) / POINTS
    shapes = _basis(u[None, :], _CURVE[:, None], _SHAPE[:, None, :])
    loss, height = _fitted(y[:, :SEEN], shapes[:, :SEEN])
    errors = np.full((groups, len(CURVES)), np.nan)
    for number in range(len(CURVES)):
        mine = np.flatnonzero(number == _CURVE)
        best = mine[np.argmin(loss[:, mine], axis=1)]
        told = height[np.arange(groups), best][:, None] * shapes[best, SEEN:]
        errors[:, number] = np.abs(told - y[:, SEEN:]).mean(axis=1) / np.maximum(y[:, SEEN:].mean(axis=1), 1e-9)
    chosen = np.argmin(errors, axis=1)
    loss, height = _fitted(y, shapes)
    loss = np.where(_CURVE[None, :] == chosen[:, None], loss, np.inf)
    best = np.argmin(loss, axis=1)
    top = height[np.arange(groups), best] * now
    ahead = [_ahead(days, age, best, top) for days in (30, 90)]
    unknown = ~some
    for values in (*ahead, errors):
        values[unknown] = np.nan
    error = errors[np.arange(groups), chosen]
    limit = np.where(unknown, np.nan, np.where(chosen == 0, np.inf, top))
    return Growth(np.where(some, chosen, -1), error, errors, limit, ahead[0], ahead[1])


def _ahead(days: int, age: Ints, best: Ints, top: Floats) -> Floats:
    then = 1 + days / np.maximum(age, 1)
    curve, shape = _CURVE[best], _SHAPE[best]
    more = top * (_basis(then, curve, shape) - _basis(np.ones(len(age)), curve, shape))
    return np.where(then - 1 <= FURTHEST, np.maximum(more, 0.0), np.nan)


def _fitted(y: Floats, shapes: Floats) -> tuple[Floats, Floats]:
    """(group, shape): squared distance at the best height, and that height."""
    cross = y @ shapes.T
    square = np.maximum((shapes**2).sum(axis=1), 1e-12)
    height = cross / square
    return (y**2).sum(axis=1)[:, None] - cross * height, height


def _basis(u: Floats, curve: Ints, shape: Floats) -> Floats:
    first, second, slowing = shape[..., 0], shape[..., 1], shape[..., 2]
    power = u ** np.where(curve == 0, first, 1.0)
    tide = 1 / (1 + first * np.exp(-second * u ** (1 - slowing)))
    found: Floats = np.where(curve == 0, power, tide)
    return found
