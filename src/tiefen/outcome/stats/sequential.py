"""Looks that were settled beforehand: how large a z must be at each of them.

Group-sequential tests by the recursion of Armitage, McPherson and Rowe (1969) over the density of the walk that has not crossed yet;
O'Brien and Fleming (1979), Pocock (1977), and the spending function of Lan and DeMets (1983) that is like the former and does not
need equal distances. The constants agree with Jennison and Turnbull's tables (tests/outcome/test_sequential.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

Numbers = npt.NDArray[np.float64]
_WIDE = 8.5
"""So many standard deviations hold everything; further out there is nothing that counts."""
_FINE = 401


def crossing(bounds: Sequence[float], at: Sequence[float]) -> list[float]:
    """The chance, without an effect, that |z| first exceeds its bound at each look. `at` are shares of the information, rising."""
    walk = _Walk()
    return [walk.step(t, bound) for bound, t in zip(bounds, at, strict=True)]


def obrien_fleming(looks: int, alpha: float = 0.05) -> list[float]:
    """Bounds at equally distant looks: c·√(K/k)."""
    return _shaped(looks, alpha, lambda k: float(np.sqrt(looks / k)))


def pocock(looks: int, alpha: float = 0.05) -> list[float]:
    """The same bound at every one of equally distant looks."""
    return _shaped(looks, alpha, lambda _: 1.0)


def lan_demets(at: Sequence[float], alpha: float = 0.05) -> list[float]:
    """Bounds at looks that come when they come (`at`: shares of the information, rising, the last usually 1): what may be wrong
    by then is spent as O'Brien and Fleming would, α(t) = 2 − 2Φ(z_{α/4}/√t) on each side."""
    if not at or any(b <= a for a, b in zip([0.0, *at], at, strict=False)) or at[-1] > 1 + 1e-9:
        raise ValueError("looks are shares of the information, each later than the one before, none beyond the whole")
    walk, spent, bounds = _Walk(), 0.0, []
    for t in at:
        may = 2 * (2 - 2 * float(ndtr(ndtri(1 - alpha / 4) / np.sqrt(min(t, 1.0)))))
        bounds.append(walk.bound(t, may - spent))
        walk.step(t, bounds[-1])
        spent = may
    return bounds


def _shaped(looks: int, alpha: float, shape: Callable[[int], float]) -> list[float]:
    at = [k / looks for k in range(1, looks + 1)]

    def over(c: float) -> float:
        return sum(crossing([c * shape(k) for k in range(1, looks + 1)], at)) - alpha

    c = float(brentq(over, 1.0, 6.0, xtol=1e-6))
    return [c * shape(k) for k in range(1, looks + 1)]


class _Walk:
    """A Brownian walk as far as it has not crossed: its density on a grid, at the time it has come to."""

    def __init__(self) -> None:
        self._time = 0.0
        self._where: Numbers = np.zeros(1)
        self._mass: Numbers = np.ones(1)

    def step(self, t: float, bound: float) -> float:
        """Go on to time `t`; returns the chance to be beyond the bound there, having been within all before."""
        inside = bound * np.sqrt(t)
        out = self._beyond(t, inside)
        edge = min(inside, _WIDE * np.sqrt(t))
        grid = np.linspace(-edge, edge, _FINE)
        spread = np.sqrt(t - self._time)
        apart = (grid[:, None] - self._where[None, :]) / spread
        density = np.exp(-apart * apart / 2) @ self._mass / (spread * np.sqrt(2 * np.pi))
        weight = np.full(_FINE, grid[1] - grid[0])
        weight[1:-1:2] *= 4 / 3
        weight[2:-1:2] *= 2 / 3
        weight[[0, -1]] *= 1 / 3  # Simpson's rule
        self._time, self._where, self._mass = t, grid, density * weight
        return out

    def bound(self, t: float, chance: float) -> float:
        """The bound at time `t` beyond which the walk is with this chance."""
        if chance <= 1e-15:
            return _WIDE
        root = np.sqrt(t)
        return float(brentq(lambda z: self._beyond(t, z * root) - chance, 0.1, _WIDE, xtol=1e-7))

    def _beyond(self, t: float, inside: float) -> float:
        spread = np.sqrt(t - self._time)
        both = ndtr((self._where - inside) / spread) + ndtr((-self._where - inside) / spread)
        return float(both @ self._mass)
