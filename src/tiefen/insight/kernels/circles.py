"""圈子 — the reply graph of one group: who is listened to, who holds together, which circles there are.

PageRank (Page et al. 1999) over "a addressed b" gives b the attention of a. The core number is the k of the largest
subgraph in which everybody has k ties (Seidman 1983); it marks people from whom things spread better than PageRank does
(Kitsak et al. 2010). Circles are communities of the undirected graph by Leiden (Traag et al. 2019).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DAMPING, TOLERANCE = 0.85, 1e-10
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where everybody who addressed somebody or was addressed stands, by position in `people`."""

    people: Ints
    pagerank: Floats
    """Adds up to 1 over the group."""
    core: Ints
    circle: Ints
    """0 is the largest circle, 1 the next."""


def standing(a: Ints, b: Ints, weight: Floats) -> Standing:
    """Of the directed, weighted edges of one group, each pair once and nobody to themselves."""
    import networkit as nk  # takes seconds, and only a reading needs it

    people, places = np.unique(np.concatenate((a, b)), return_inverse=True)
    n, start, end = len(people), places[: len(a)], places[len(a) :]
    directed = nk.GraphFromCoo((weight, (start, end)), n=n, weighted=True, directed=True)
    ranking = nk.centrality.PageRank(
        directed, DAMPING, TOLERANCE, distributeSinks=nk.centrality.SinkHandling.DistributeSinks
    )
    ranking.run()
    pairs, inverse = np.unique(np.minimum(start, end) * n + np.maximum(start, end), return_inverse=True)
    ties = nk.GraphFromCoo((np.bincount(inverse, weight), (pairs // n, pairs % n)), n=n, weighted=True, directed=False)
    cores = nk.centrality.CoreDecomposition(ties)
    cores.run()
    leiden = nk.community.ParallelLeiden(ties, iterations=5, randomize=False)
    leiden.run()
    partition = leiden.getPartition()
    return Standing(
        people,
        np.asarray(ranking.scores(), np.float64),
        np.asarray(cores.scores(), np.int64),
        _by_size(np.asarray(partition.getVector(), np.int64)),
    )


def _by_size(circle: Ints) -> Ints:
    """The circles, numbered from the largest down; of equal ones, that of the first person comes first."""
    _, first, inverse, sizes = np.unique(circle, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    numbers = np.empty_like(order)
    numbers[order] = np.arange(len(order))
    return numbers[inverse]


def standings(edges: pa.Table) -> pa.Table:
    """(group, person, pagerank, core, circle) from (group, a, b, weight)."""
    import networkit as nk

    nk.setNumberOfThreads(1)
    nk.setSeed(7, False)
    columns: dict[str, list[NDArray[np.generic]]] = {
        "group": [],
        "person": [],
        "pagerank": [],
        "core": [],
        "circle": [],
    }
    for group, a, b, weight in _by_group(edges):
        found = standing(a, b, weight)
        columns["group"].append(np.full(len(found.people), group, np.int64))
        columns["person"].append(found.people)
        columns["pagerank"].append(found.pagerank)
        columns["core"].append(found.core)
        columns["circle"].append(found.circle)
    types = {
        "group": pa.int64(),
        "person": pa.int64(),
        "pagerank": pa.float64(),
        "core": pa.int64(),
        "circle": pa.int64(),
    }
    return pa.table(
        {name: pa.array(np.concatenate(parts) if parts else [], types[name]) for name, parts in columns.items()}
    )


def _by_group(edges: pa.Table) -> Iterator[tuple[int, Ints, Ints, Floats]]:
    if not edges.num_rows:
        return
    ordered = edges.sort_by([("group", "ascending"), ("a", "ascending"), ("b", "ascending")])
    group, a, b = (ordered[name].to_numpy() for name in ("group", "a", "b"))
    weight = ordered["weight"].to_numpy().astype(np.float64)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    for begin, end in zip(starts, np.r_[starts[1:], len(group)], strict=True):
        yield int(group[begin]), a[begin:end], b[begin:end], weight[begin:end]
