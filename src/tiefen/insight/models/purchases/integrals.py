"""Integrals of positive, smooth functions by few points, in place of hypergeometric series.

The closed forms of these models hold Gauss's 2F1, which overflows for frequent buyers, cancels where a parameter is near
one, and has no simple derivative by its parameters. The integrals it stands for have none of these troubles.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, log, sqrt

import numpy as np

from tiefen.insight.models.purchases.one_core import one_core
from tiefen.insight.models.purchases.records import Floats


@lru_cache(maxsize=32)
def legendre(points: int) -> tuple[Floats, Floats]:
    """Places and weights on 0…1; the weights add up to one."""
    places, weights = np.polynomial.legendre.leggauss(points)
    return (1 + places) / 2, weights / 2


def beta_points(a: float, b: Floats, points: int) -> tuple[Floats, Floats]:
    """Places and weights for means under Beta(a, b), one row for each b: Gauss–Jacobi by Golub and Welsch (1969)."""
    return _beta_points(a, b.tobytes(), points)


@lru_cache(maxsize=4)
def _beta_points(a: float, b: bytes, points: int) -> tuple[Floats, Floats]:
    low, high = np.frombuffer(b)[:, None] - 1, a - 1
    k = np.arange(points, dtype=np.float64)[None, :]
    both = 2 * k + low + high
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (high**2 - low**2) / (both * (both + 2))
        beside = 4 * k * (k + low) * (k + high) * (k + low + high) / (both**2 * (both + 1) * (both - 1))
    middle[:, 0] = ((high - low) / (low + high + 2))[:, 0]
    first = 4 * (1 + low) * (1 + high) / ((2 + low + high) ** 2 * (3 + low + high))
    beside[:, 1:2] = first
    matrix = np.zeros((len(low), points, points))
    steps = np.arange(points)
    matrix[:, steps, steps] = middle
    matrix[:, steps[1:], steps[:-1]] = np.sqrt(beside[:, 1:])
    with one_core():
        places, vectors = np.linalg.eigh(matrix)
    return np.clip((1 + places) / 2, 1e-12, 1.0), vectors[:, 0, :] ** 2


def points_for(pole: float) -> int:
    """How many points give some nine digits where the nearest pole lies so far below 0 of a range from 0 to 1.

    They converge as fast as the ellipse around the range is wide; a quarter of the way to the pole is taken, as powers of
    hundreds grow steep well before it.
    """
    reach = 1 + pole / 2
    return int(min(max(ceil(15 / log(reach + sqrt(reach**2 - 1))), 12), 160))


def waned(power: float, logarithm: Floats) -> Floats:
    """(1 − exp(−power × logarithm)) ÷ power, also where the power is zero or next to it."""
    if abs(power) < 1e-12:
        return logarithm
    return -np.expm1(-power * logarithm) / power
