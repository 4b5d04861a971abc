"""What keeps people together, as one weighted graph.

Each thing (ties, circles, an attribute) brings as much weight as there are people it tells of, times what it counts, so that
a talkative group does not drown the attributes nor a large circle the ties. A tie's weight grows with the logarithm of
how often two people addressed one another: the hundredth answer says less than the first. Alike people are not all linked
with each other (50,000 from one city would be a billion links): each is linked with `LINKS` others drawn by lot, which
no cut can part cheaply (random regular graphs are expanders), or for numbers with those next in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tiefen.insight.models.split_plan.crowd import Crowd, Floats, Ints, Weights

LINKS = 8
_SEED = 7


def affinity(crowd: Crowd, weights: Weights) -> Any:
    """The graph as a symmetric sparse matrix (CSR) with an empty diagonal."""
    from scipy import sparse

    n = crowd.size
    total = sparse.csr_matrix((n, n))
    for a, b, weight, counts in _things(crowd, weights):
        if counts > 0 and len(a):
            told = len(np.unique(np.concatenate((a, b))))
            total = total + _symmetric(a, b, weight * (counts * told / weight.sum()), n)
    total = total.tocsr()
    total.sum_duplicates()
    return total


def ties(crowd: Crowd) -> Any:
    """Who talks with whom, weighted by how often."""
    return _symmetric(crowd.tie_a, crowd.tie_b, crowd.tie_weight, crowd.size)


def _symmetric(a: Ints, b: Ints, weight: Floats, n: int) -> Any:
    from scipy import sparse

    both = np.concatenate((a, b)), np.concatenate((b, a))
    return sparse.coo_matrix((np.concatenate((weight, weight)), both), shape=(n, n)).tocsr()


def _things(crowd: Crowd, weights: Weights) -> Iterable[tuple[Ints, Ints, Floats, float]]:
    """(a, b, weight, what it counts) of everything that keeps people together."""
    lots = np.random.default_rng(_SEED)
    yield crowd.tie_a, crowd.tie_b, np.log2(1.0 + crowd.tie_weight), weights.ties
    yield *_alike(crowd.circle, lots), weights.circles
    for name, counts in weights.near.items():
        if name in crowd.kinds:
            yield *_alike(crowd.kinds[name], lots), counts
        elif name in crowd.numbers:
            yield *_next_to(crowd.numbers[name]), counts


def _alike(kind: Ints, lots: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """Links among people of one kind: everybody with everybody in small kinds, by lot in large ones."""
    ends: list[tuple[Ints, Ints]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    order = np.argsort(kind, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(kind[order]) != 0]) if len(kind) else np.zeros(0, np.int64)
    for some in np.split(order, starts[1:]):
        if len(some) < 2 or kind[some[0]] < 0:
            continue
        if len(some) <= LINKS + 1:
            i, j = np.triu_indices(len(some), 1)
            ends.append((some[i], some[j]))
            continue
        for _ in range(LINKS // 2):
            ring = lots.permutation(some)
            ends.append((ring, np.roll(ring, 1)))
    a, b = (np.concatenate(side) for side in zip(*ends, strict=True))
    # Whoever has few of their kind is as attached to them as whoever has many.
    degree = np.bincount(np.concatenate((a, b)), minlength=len(kind)).astype(np.float64)
    return a, b, LINKS / np.sqrt(degree[a] * degree[b])


def _next_to(number: Floats) -> tuple[Ints, Ints, Floats]:
    """Links between each and the next in order, the weaker the further apart they are."""
    known = np.flatnonzero(np.isfinite(number))
    order = known[np.argsort(number[known], kind="stable")]
    spread = float(np.std(number[order])) if len(order) else 0.0
    pairs = [(order[step:], order[:-step]) for step in range(1, LINKS // 2 + 1) if len(order) > step]
    if not pairs or spread == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    a, b = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return a, b, np.exp(-np.abs(number[a] - number[b]) / spread) + 1e-6
