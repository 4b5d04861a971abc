"""Divisions to begin with: by KaHIP, by Leiden's communities packed into parts, and simply in order.

KaHIP (Sanders and Schulz 2013, MIT) is best on meshes and wherever ties are regular; Leiden (Traag et al. 2019, NetworKit's)
where there are circles among noise. Neither is best everywhere, so both are tried. Where KaHIP has no wheel (Linux on ARM)
the plan is made without it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tiefen.insight.models.split_plan.crowd import Bools, Floats, Ints
from tiefen.insight.models.split_plan.refining import Bounds
from tiefen.insight.models.split_plan.seats import seated

_FINE_PEOPLE = 4_000
"""Up to so many, KaHIP may take its time."""


def in_order(n: int, parts: int, order: Ints | None = None) -> Ints:
    """The first n ÷ parts, the next, and so on; in a given order."""
    block = np.arange(n) * parts // max(n, 1)
    if order is None:
        return block
    part = np.empty(n, np.int64)
    part[order] = block
    return part


def by_kahip(graph: Any, parts: int, bounds: Bounds, seed: int, *, fine: bool = False) -> Ints | None:
    """KaHIP's division at the slack that the bounds leave; None where it is not to be had."""
    try:
        import kahip
    except ImportError:
        return None
    n = graph.shape[0]
    weight = _whole(graph.data)
    kept = weight > 0
    if not kept.any() or n < 2 * parts:
        return None
    rows = np.repeat(np.arange(n), np.diff(graph.indptr))[kept]
    begins = np.r_[0, np.cumsum(np.bincount(rows, minlength=n))]
    slack = max(0.0, bounds.most * parts / n - 1.0 - 1e-9)
    mode = 1 if fine or n <= _FINE_PEOPLE else 0
    _, part = kahip.kaffpa(
        [1] * n, begins.tolist(), weight[kept].tolist(), graph.indices[kept].tolist(), parts, slack, True, seed, mode
    )
    return np.asarray(part, np.int64)


def _whole(weight: Floats) -> Ints:
    """Weights as whole numbers that keep their proportions and do not overflow where they are added up."""
    if not len(weight):
        return np.zeros(0, np.int64)
    scale = min(1_000.0 / float(np.mean(weight)), 4e8 / float(np.sum(weight)))
    if np.all(weight == np.round(weight)) and np.sum(weight) < 4e8:
        scale = 1.0
    return np.round(weight * scale).astype(np.int64)


def communities(graph: Any, resolution: float = 1.0) -> Ints:
    """Leiden's communities; whoever is tied to nobody is one alone."""
    import networkit as nk  # takes seconds

    n = graph.shape[0]
    nk.setNumberOfThreads(1)
    nk.setSeed(7, False)
    rows = np.repeat(np.arange(n), np.diff(graph.indptr))
    once = (rows < graph.indices) & (graph.data > 0)
    ties = nk.GraphFromCoo(
        (graph.data[once], (rows[once], graph.indices[once].astype(np.int64))), n=n, weighted=True, directed=False
    )
    leiden = nk.community.ParallelLeiden(ties, iterations=5, randomize=False, gamma=resolution)
    leiden.run()
    return np.unique(np.asarray(leiden.getPartition().getVector(), np.int64), return_inverse=True)[1]


def packed(graph: Any, community: Ints, parts: int, bounds: Bounds) -> Ints:
    """Communities put into parts, the largest first, each where it is tied most and there is room; whoever finds no room
    with their own goes to the seat that costs least."""
    n = graph.shape[0]
    part = np.full(n, -1, np.int64)
    sizes = np.zeros(parts, np.int64)
    fair = -(-n // parts)
    inside = np.zeros((n, parts))
    counts = np.unique(community, return_counts=True)[1]
    members = np.split(np.argsort(community, kind="stable"), np.cumsum(counts)[:-1])
    for number in np.argsort(-counts, kind="stable"):
        own = members[number]
        places = (fair if len(own) > 1 else bounds.most) - sizes
        pull = np.asarray(graph[own] @ inside).sum(axis=0) if len(own) < n else np.zeros(parts)
        fits = places >= len(own)
        wanted = int(np.lexsort((-places, -np.where(fits, pull, -np.inf)))[0]) if fits.any() else int(np.argmax(places))
        taken = own[: max(0, min(len(own), bounds.most - sizes[wanted]))]
        part[taken] = wanted
        inside[taken, wanted] = 1.0
        sizes[wanted] += len(taken)
    return within_bounds(graph, part, parts, bounds)


def within_bounds(graph: Any, part: Ints, parts: int, bounds: Bounds, fixed: Bools | None = None) -> Ints:
    """The division nearest to `part` that keeps the bounds; -1 is somebody without a seat yet, who is `fixed` stays."""
    n = len(part)
    inside = np.zeros((n, parts))
    placed = part >= 0
    inside[np.flatnonzero(placed), part[placed]] = 1.0
    pull = np.asarray(graph @ inside)
    cost = -pull
    # Whoever has a seat keeps it unless room must be made: then those go who lose least by it.
    stay = 1.0 + float(pull.max(initial=0.0))
    cost[np.flatnonzero(placed), part[placed]] -= stay
    if fixed is not None:
        cost[np.flatnonzero(fixed), part[fixed]] -= 1e6 * stay
    return seated(cost, np.full(parts, bounds.least), np.full(parts, bounds.most))


def natural(graph: Any, cap: int, smallest: int) -> Ints:
    """The communities as parts, where their number is free: those above the cap in two until none is, those that are too
    small with whom they are tied to most."""
    part = communities(graph)
    while True:
        counts = np.bincount(part)
        over = np.flatnonzero(counts > cap)
        if not len(over):
            break
        for number in over:
            own = np.flatnonzero(part == number)
            halves = -(-len(own) // cap)
            half = Bounds(0, -(-len(own) // halves) if halves > 2 else max(-(-len(own) // 2), len(own) - cap))
            inner = graph[own][:, own].tocsr()
            pieces = by_kahip(inner, 2, half, 7) if halves == 2 else None
            if pieces is None or np.bincount(pieces, minlength=2).max() > max(half.most, cap):
                pieces = in_order(len(own), halves)
            part[own[pieces > 0]] = part.max() + pieces[pieces > 0]
    return _gathered(graph, part, cap, smallest)


def _gathered(graph: Any, part: Ints, cap: int, smallest: int) -> Ints:
    """Parts with fewer than `smallest` people joined to another while the cap allows."""
    from scipy import sparse

    part = np.unique(part, return_inverse=True)[1].astype(np.int64)
    parts = int(part.max()) + 1
    inside = sparse.csr_matrix((np.ones(len(part)), (np.arange(len(part)), part)), shape=(len(part), parts))
    between = np.asarray((inside.T @ graph @ inside).todense())
    sizes = np.bincount(part, minlength=parts)
    name = np.arange(parts)
    alive = np.ones(parts, bool)
    while True:
        small = np.flatnonzero(alive & (sizes < smallest))
        if not len(small):
            break
        least = small[np.argmin(sizes[small])]
        fits = alive & (sizes + sizes[least] <= cap)
        fits[least] = False
        if not fits.any():
            break
        pull = np.where(fits, between[least], -np.inf)
        tied = pull.max() > 0
        to = int(np.argmax(pull)) if tied else int(np.flatnonzero(fits)[np.argmin(sizes[fits])])
        between[to] += between[least]
        between[:, to] += between[:, least]
        sizes[to] += sizes[least]
        alive[least] = False
        name[name == least] = to
    return np.unique(name[part], return_inverse=True)[1].astype(np.int64)
