"""What a row of numbers over several windows says: how sure the last one is, whether it goes up or down, who does better.

Intervals hold with 95 %: Wilson's for shares, by comings and goings for growth, by how much days differ for volume. A trend is
a weighted line through the windows; what is left over widens its interval, and nothing narrows it below chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Z = 1.959964
LEAST_WINDOWS = 4
LEAST_PEERS = 5
ALIKE = 2.0
"""Peers have at most so many times the members and the age, and at least the same part of them."""
_MOST_PEERS = 3_000
_ROWS = 250


@dataclass(frozen=True, slots=True)
class Windows:
    """(group, window), the newest first; not a number where nothing is known."""

    part: Floats
    whole: Floats
    moved: Floats

    @property
    def value(self) -> Floats:
        return np.divide(self.part, self.whole, out=np.full(self.part.shape, np.nan), where=self.whole > 0)


def share_bounds(part: Floats, whole: Floats) -> tuple[Floats, Floats]:
    """Wilson's interval."""
    n = np.where(whole > 0, whole, np.nan)
    p = np.clip(part / n, 0, 1)
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    reach = Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return np.clip(middle - reach, 0, 1), np.clip(middle + reach, 0, 1)


def spread(some: Windows, kind: str) -> Floats:
    """The variance of each value by chance alone; of volume, that of its logarithm."""
    n = np.where(some.whole > 0, some.whole, np.nan)
    if kind == "growth":
        return (some.moved + 1) / n**2
    if kind == "volume":
        days = np.where(some.whole > 1, some.whole, np.nan)
        varied = np.maximum((some.moved - some.part**2 / days) / (days - 1) * days, some.part)
        return (varied + 0.5) / (some.part + 0.5) ** 2
    p = (some.part + 0.5) / (n + 1)
    return p * (1 - p) / n


def bounds(some: Windows, kind: str) -> tuple[Floats, Floats]:
    """Of the newest window."""
    now = Windows(some.part[:, :1], some.whole[:, :1], some.moved[:, :1])
    if kind in ("retention", "survival"):
        low, high = share_bounds(now.part[:, 0], now.whole[:, 0])
        return low, high
    value, reach = now.value[:, 0], Z * np.sqrt(spread(now, kind)[:, 0])
    if kind == "growth":
        return np.maximum(value - reach, -1.0), value + reach
    # Of a count, on the scale of its logarithm, so that it is never below nothing; zero messages may still be a few.
    shifted = (now.part[:, 0] + 0.5) / now.whole[:, 0]
    low = np.where(now.part[:, 0] > 0, shifted * np.exp(-reach), 0.0)
    return np.minimum(low, value), np.maximum(
        np.where(now.part[:, 0] > 0, shifted * np.exp(reach), 3 / now.whole[:, 0]), value
    )


def trend(some: Windows, kind: str) -> tuple[Floats, Floats, Floats]:
    """(slope, low, high): change of the value from window to window, of volume the relative one; not a number with fewer
    than `LEAST_WINDOWS`."""
    y = np.log((some.part + 0.5) / np.where(some.whole > 0, some.whole, np.nan)) if kind == "volume" else some.value
    variance = spread(some, kind)
    known = np.isfinite(y) & np.isfinite(variance)
    weight = np.where(known, 1 / np.maximum(np.where(known, variance, 1.0), 1e-9), 0.0)
    y = np.where(known, y, 0.0)
    x = -np.arange(y.shape[1], dtype=np.float64)[None, :]
    n = known.sum(axis=1)
    total = np.maximum(weight.sum(axis=1), 1e-300)
    middle, level = (weight * x).sum(axis=1) / total, (weight * y).sum(axis=1) / total
    away = np.where(known, x - middle[:, None], 0.0)
    square = (weight * away**2).sum(axis=1)
    enough = (n >= LEAST_WINDOWS) & (square > 0)
    square = np.where(enough, square, np.nan)
    slope = (weight * away * (y - level[:, None])).sum(axis=1) / square
    left = (weight * (y - level[:, None] - slope[:, None] * away) ** 2 * known).sum(axis=1)
    freedom = np.where(enough, n - 2, 1)
    error = np.sqrt(np.maximum(left / freedom, 1.0) / square)
    reach = stdtrit(freedom.astype(np.float64), 0.975) * error
    if kind == "volume":
        return np.expm1(slope), np.expm1(slope - reach), np.expm1(np.minimum(slope + reach, 20))
    return slope, slope - reach, slope + reach


def peers(size: Floats, age: Floats, values: Floats) -> tuple[Ints, Ints]:
    """(peers, rank) of each (group, outcome): how many like groups have that number, and the place among them and itself,
    1 the best; rank −1 where there are fewer than `LEAST_PEERS` or nothing is known. Of very many, some are looked at."""
    groups, outcomes = values.shape
    counted, rank = np.zeros((groups, outcomes), np.int64), np.full((groups, outcomes), -1)
    usable = np.flatnonzero((size > 0) & (age > 0))
    order = usable[np.argsort(size[usable], kind="stable")]
    sizes = size[order]
    known = np.isfinite(values)
    for first in range(0, len(order), _ROWS):
        mine = order[first : first + _ROWS]
        low = np.searchsorted(sizes, size[mine[0]] / ALIKE, "left")
        high = np.searchsorted(sizes, size[mine[-1]] * ALIKE, "right")
        others = order[low:high]
        others = others[:: -(-len(others) // _MOST_PEERS)] if len(others) else others
        alike = (size[others] <= size[mine, None] * ALIKE) & (size[others] >= size[mine, None] / ALIKE)
        alike &= (age[others] <= age[mine, None] * ALIKE) & (age[others] >= age[mine, None] / ALIKE)
        alike &= others[None, :] != mine[:, None]
        for outcome in range(outcomes):
            there = alike & known[others, outcome][None, :]
            better = there & (values[others, outcome][None, :] > values[mine, outcome][:, None])
            number = there.sum(axis=1)
            counted[mine, outcome] = np.where(known[mine, outcome], number, 0)
            told = known[mine, outcome] & (number >= LEAST_PEERS)
            rank[mine, outcome] = np.where(told, 1 + better.sum(axis=1), -1)
    return counted, rank
