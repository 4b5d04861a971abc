"""群簇 — groups that hang together by the people they share, and the order in which to look at them.

Communities by Leiden of the graph of pairs that share more than chance (the lower bound of lift is above one). A tie is as
strong as the overlap is above chance, on a scale from 0 (as by lot) to 1 (as many as two groups of that size can share at
most). Within a cluster groups stand in the order of its Fiedler vector, so that those that share most are neighbours.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiefen.insight.engine import Tables
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_MOST_ORDERED = 600
"""Larger clusters stand in the order of their ties' strength: eigenvectors of a thousand groups are for nobody's eyes."""


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    pairs = made["group_overlap"]
    a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()
    weight = closeness(pairs)
    kept = weight > 0
    groups, places = np.unique(np.concatenate((a[kept], b[kept])), return_inverse=True)
    start, end, weight = places[: kept.sum()], places[kept.sum() :], weight[kept]
    cluster = communities(start, end, weight, len(groups))
    order = arranged(start, end, weight, cluster)
    sizes = np.bincount(cluster) if len(cluster) else np.zeros(0, np.int64)
    inside = cluster[start] == cluster[end]

    def ties(of: NDArray[np.bool_]) -> Floats:
        both = np.concatenate((start[of], end[of]))
        doubled = np.concatenate((weight[of], weight[of]))
        return np.bincount(both, doubled, minlength=len(groups)).astype(np.float64)

    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return pa.table(
        {
            "group": pa.array(groups, pa.int64()),
            "cluster": pa.array(cluster, pa.int64()),
            "cluster_groups": pa.array(sizes[cluster], pa.int64()),
            "place": pa.array(place, pa.int64()),
            "ties_inside": pa.array(ties(inside), pa.float64()),
            "ties_outside": pa.array(ties(~inside), pa.float64()),
        }
    )


def closeness(pairs: pa.Table) -> Floats:
    """How far above chance each pair is, 0…1; 0 where it may be chance."""
    shared, expected, low = (pairs[name].to_numpy().astype(np.float64) for name in ("shared", "expected", "lift_low"))
    most = np.minimum(pairs["a_members"].to_numpy(), pairs["b_members"].to_numpy()).astype(np.float64)
    beyond = np.maximum(most - expected, 1e-9)
    return np.where((low > 1) & (most > expected), np.clip((shared - expected) / beyond, 0.0, 1.0), 0.0)


def communities(start: Ints, end: Ints, weight: Floats, n: int) -> Ints:
    """The community of each of `n` places, the largest first."""
    if not n:
        return np.zeros(0, np.int64)
    import networkit as nk  # takes seconds, and only a reading needs it

    nk.setNumberOfThreads(1)
    nk.setSeed(7, False)
    graph = nk.GraphFromCoo((weight, (start, end)), n=n, weighted=True, directed=False)
    leiden = nk.community.ParallelLeiden(graph, iterations=5, randomize=False)
    leiden.run()
    _, first, inverse, sizes = np.unique(
        np.asarray(leiden.getPartition().getVector(), np.int64),
        return_index=True, return_inverse=True, return_counts=True,
    )  # fmt: skip
    numbers = np.empty(len(sizes), np.int64)
    numbers[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return numbers[inverse]


def arranged(start: Ints, end: Ints, weight: Floats, cluster: Ints) -> Ints:
    """The places in the order in which a matrix of them is easiest to read."""
    order: list[Ints] = []
    n = len(cluster)
    strength = np.bincount(np.concatenate((start, end)), np.concatenate((weight, weight)), minlength=n)
    within = cluster[start] == cluster[end]
    for number in range(int(cluster.max()) + 1 if n else 0):
        members = np.flatnonzero(cluster == number)
        if not 2 < len(members) <= _MOST_ORDERED:
            order.append(members[np.argsort(-strength[members], kind="stable")])
            continue
        local = np.full(n, -1, np.int64)
        local[members] = np.arange(len(members))
        some = within & (cluster[start] == number)
        laplacian = np.zeros((len(members), len(members)))
        i, j = local[start[some]], local[end[some]]
        np.add.at(laplacian, (i, j), -weight[some])
        np.add.at(laplacian, (j, i), -weight[some])
        np.fill_diagonal(laplacian, -laplacian.sum(axis=1))
        fiedler = np.linalg.eigh(laplacian)[1][:, 1]
        fiedler = fiedler * (1 if fiedler[np.argmax(np.abs(fiedler))] > 0 else -1)
        order.append(members[np.argsort(fiedler, kind="stable")])
    return np.concatenate(order) if order else np.zeros(0, np.int64)


TABLE = ReadingTable("group_clusters", "找抱团的群", "Which groups hang together", of, ("place",))
