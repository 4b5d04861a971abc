"""发售波次 — days on which far more is ordered than usual, put together to launches.

Usual is the median of the four weeks around a day (Sundays and slow weeks included), of which a launch is never the larger
part; the yardstick is the median deviation from it, or what pure chance (Poisson) gives where that is larger. Burst days no
more than a few days apart are one launch, with its waves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

AROUND = 28
"""Days on each side that say what is usual."""
HIGH, HIGHEST = 3.0, 4.5
"""Robust z of a day that belongs to a launch, and of at least one of its days."""
LEAST_ORDERS = 4
"""A day with fewer orders is no burst, however few there are otherwise."""
LEAST_EXTRA = 10.0
GAP = 2
"""Quiet days between two waves of one launch."""
EARLIEST = 14
"""Days that must be known before a burst: without them nobody knows what is usual, and a first import looks like one."""
LONGEST = 31
"""What is high for longer is a season, or growth."""


@dataclass(frozen=True, slots=True)
class Burst:
    """From day `start` to `end`, both included, by position in the series."""

    start: int
    end: int
    peak: int
    z: float
    extra: float
    """Orders above the usual."""


def usual(counts: Floats) -> tuple[Floats, Floats]:
    """(median, spread) around each day of a series that has every day."""
    n = len(counts)
    if not n:
        return counts, counts
    reach = min(AROUND, max(n - 1, 0))
    padded = np.pad(counts, reach, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    middle = np.nanmedian(windows, axis=1)
    spread = 1.4826 * np.nanmedian(np.abs(windows - middle[:, None]), axis=1)
    return middle, np.maximum(spread, np.sqrt(np.maximum(middle, 1.0)))


def bursts(counts: Floats) -> list[Burst]:
    """The launches of one series of daily orders."""
    middle, spread = usual(counts)
    z = (counts - middle) / np.where(spread > 0, spread, 1)
    days = np.flatnonzero((z >= HIGH) & (counts >= LEAST_ORDERS))
    found = []
    for some in np.split(days, np.flatnonzero(np.diff(days) > GAP + 1) + 1):
        if not len(some):
            continue
        start, end = int(some[0]), int(some[-1])
        here = slice(start, end + 1)
        extra = float(np.maximum(counts[here] - middle[here], 0).sum())
        if start >= EARLIEST and z[here].max() >= HIGHEST and extra >= LEAST_EXTRA and end - start < LONGEST:
            found.append(Burst(start, end, start + int(counts[here].argmax()), float(z[here].max()), extra))
    return found


def together(some: list[Burst]) -> list[Burst]:
    """Bursts of several series (products, and all together) that overlap or nearly touch are one launch."""
    joined: list[Burst] = []
    for burst in sorted(some, key=lambda one: (one.start, one.end)):
        last = joined[-1] if joined else None
        if last is not None and burst.start <= last.end + GAP and burst.end - last.start < LONGEST:
            best = max(last, burst, key=lambda one: one.extra)
            joined[-1] = Burst(
                last.start, max(last.end, burst.end), best.peak, max(last.z, burst.z), max(last.extra, burst.extra)
            )
        else:
            joined.append(burst)
    return joined
