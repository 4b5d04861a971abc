"""圈子 — the reply graph of one group: who is listened to, who holds together, which circles there are.

PageRank (Page et al. 1999) over "a addressed b" gives b the attention of a. The core number is the k of the largest
subgraph in which everybody has k ties (Seidman 1983); it marks people from whom things spread better than PageRank does
(Kitsak et al. 2010). Circles are communities of the undirected graph by Leiden (Traag et al. 2019),
without chance: on one thread and in the order of the people, the same group has the same circles wherever it is reckoned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiefen.insight.kernels.mapped import Kernel, gathered, groups_of

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
    degree: Ints
    """How many different people somebody has a tie with."""
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
    degree = np.bincount(pairs // n, minlength=n) + np.bincount(pairs % n, minlength=n)
    cores = nk.centrality.CoreDecomposition(ties)
    cores.run()
    leiden = nk.community.ParallelLeiden(ties, iterations=5, randomize=False)
    leiden.run()
    partition = leiden.getPartition()
    return Standing(
        people,
        np.asarray(ranking.scores(), np.float64),
        np.asarray(cores.scores(), np.int64),
        degree.astype(np.int64),
        _by_size(np.asarray(partition.getVector(), np.int64)),
    )


def _by_size(circle: Ints) -> Ints:
    """The circles, numbered from the largest down; of equal ones, that of the first person comes first."""
    _, first, inverse, sizes = np.unique(circle, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    numbers = np.empty_like(order)
    numbers[order] = np.arange(len(order))
    return numbers[inverse]


def _of(batch: pa.Table) -> pa.Table:
    import networkit as nk

    nk.setNumberOfThreads(1)  # of this thread: the others have groups of their own
    found: list[dict[str, object]] = []
    for group, edges in groups_of(batch):
        stand = standing(edges["a"].to_numpy(), edges["b"].to_numpy(), edges["weight"].to_numpy().astype(np.float64))
        found.append(
            {
                "group": group, "person": stand.people, "pagerank": stand.pagerank, "core": stand.core,
                "degree": stand.degree, "circle": stand.circle,
            }
        )  # fmt: skip
    return gathered(CIRCLES.gives, found)


CIRCLES = Kernel(
    takes=pa.schema([("group", pa.int64()), ("a", pa.int64()), ("b", pa.int64()), ("weight", pa.int64())]),
    gives=pa.schema(
        [
            ("group", pa.int64()), ("person", pa.int64()), ("pagerank", pa.float64()), ("core", pa.int64()),
            ("degree", pa.int64()), ("circle", pa.int64()),
        ]
    ),
    of=_of,
    order=("a", "b"),
)  # fmt: skip
"""Everybody's standing in every group, from how often a addressed b there."""


def standings(edges: pa.Table) -> pa.Table:
    """(group, person, pagerank, core, degree, circle) from (group, a, b, weight)."""
    return CIRCLES(edges)
