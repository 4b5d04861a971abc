"""Parts under a hard cap with as little as possible cut between them: several beginnings, each improved, the best kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tiefen.insight.models.split_plan import starts
from tiefen.insight.models.split_plan.crowd import Ints
from tiefen.insight.models.split_plan.refining import Bounds, Spread, refined, within, worth

_SEEDS = (7, 11, 13, 17)


def divided(
    graph: Any, parts: int, bounds: Bounds, spread: Sequence[Spread] = (), given: Sequence[Ints] = (), *,
    thorough: bool = False,
) -> Ints:  # fmt: skip
    """The part of everybody. `bounds` must leave room: parts × least ≤ people ≤ parts × most.

    The answer depends on the graph alone, not on the hour: seeds are fixed and work is counted in steps. `thorough` takes
    more beginnings.
    """
    n = graph.shape[0]
    assert parts * bounds.least <= n <= parts * bounds.most, "no such parts"
    best, most = starts.in_order(n, parts), -np.inf
    for start in (*given, *_starts(graph, parts, bounds, thorough)):
        begun = start if within(start, parts, bounds) else starts.within_bounds(graph, start, parts, bounds)
        part = refined(graph, begun, parts, bounds, spread)
        brought = worth(graph, part, parts, spread)
        if brought > most:
            best, most = part, brought
    return best


def _starts(graph: Any, parts: int, bounds: Bounds, thorough: bool) -> Iterator[Ints]:
    if parts < 2 or not graph.nnz:
        yield starts.in_order(graph.shape[0], parts)
        return
    yield starts.packed(graph, starts.communities(graph), parts, bounds)
    for seed in _SEEDS if thorough else _SEEDS[:1]:
        found = starts.by_kahip(graph, parts, bounds, seed, fine=thorough)
        if found is not None:
            yield found


def cut(graph: Any, part: Ints) -> tuple[float, float]:
    """(weight of ties between parts, weight of all ties)."""
    rows = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    return float(graph.data[part[rows] != part[graph.indices]].sum()) / 2, float(graph.data.sum()) / 2
