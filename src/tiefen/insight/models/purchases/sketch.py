"""Few rows in place of very many, of almost the same likelihood: a fit begins with them and ends with all.

Each row is shared out among four corners of the part of a grid it lies in (Kuhn's simplex), so that the number of people and the
sums of their frequencies, recencies and ages stay as they are; corners of a row that can be can be as well.
"""

from __future__ import annotations

import numpy as np

from tiefen.insight.models.purchases.records import NOBODY, Floats, Ints, Rows

MANY = 5_000
"""Fewer rows are fitted as they are."""
_AT_ONCE = 1 << 15
"""Rows looked at once: what they take stays near the processor."""
_EXACT, _WIDER = 40, 1.05
"""Frequencies up to that are kept, those above in steps that grow so."""
_TIMES, _LATER = 32, 6.0
"""Steps of time, the last so many times as long as the first, and one more."""


def sketch(rows: Rows) -> Rows:
    """The rows of the corners. People are no longer whole numbers."""
    times = rows.age.max() * np.expm1(np.linspace(0, np.log1p(_LATER), _TIMES + 1)) / _LATER
    grid = (_frequencies(float(rows.frequency.max())), times, times)
    sizes = tuple(len(nodes) for nodes in grid)
    people = np.zeros(np.prod(sizes))
    for at in range(0, len(rows), _AT_ONCE):
        _share_out(rows.at(np.arange(at, min(at + _AT_ONCE, len(rows)))), grid, people)
    there = np.flatnonzero(people > 0)
    frequency, recency, age = (nodes[at] for nodes, at in zip(grid, np.unravel_index(there, sizes), strict=True))
    return Rows(frequency, recency, age, people[there], NOBODY)


def _share_out(rows: Rows, grid: tuple[Floats, Floats, Floats], people: Floats) -> None:
    """Add the people of the rows to those of the corners: from the lowest one corner after the other, a step in each direction,
    first in that in which a row is furthest."""
    columns = (rows.frequency, rows.recency, rows.age)
    low, part = (np.array(some) for some in zip(*map(_placed, columns, grid), strict=True))
    steps = np.array([len(grid[1]) * len(grid[2]), len(grid[2]), 1])
    corner, each = steps @ low, np.arange(len(rows))
    order = np.argsort(-part, axis=0, kind="stable")
    left = np.ones(len(rows))
    for direction in order:
        further = part[direction, each]
        people += np.bincount(corner, (left - further) * rows.people, len(people))
        corner += np.where(further > 0, steps[direction], 0)
        left = further
    people += np.bincount(corner, left * rows.people, len(people))


def _frequencies(most: float) -> Floats:
    nodes = [float(node) for node in range(_EXACT + 1)]
    while nodes[-1] < most:
        nodes.append(float(np.ceil(nodes[-1] * _WIDER)))
    return np.array(nodes)


def _placed(column: Floats, nodes: Floats) -> tuple[Ints, Floats]:
    """The node below each value, and which part of the way to the next it is."""
    low = np.clip(np.searchsorted(nodes, column, side="right") - 1, 0, len(nodes) - 2)
    return low, np.clip((column - nodes[low]) / (nodes[low + 1] - nodes[low]), 0.0, 1.0)
