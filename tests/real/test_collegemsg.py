"""Who spreads: degree and core against PageRank, judged by simulated epidemics on the messages of 1,899 students."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.stats import kendalltau

from tests.real.world import frame_of
from tiefen.insight.kernels.brokers import betweenness, ties_of
from tiefen.insight.kernels.circles import Standing, standing

RUNS = 600
Edges = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


@pytest.fixture(scope="module")
def edges() -> Edges:
    rows = frame_of("collegemsg")
    each = rows.groupby(["sender", "receiver"], as_index=False).size()
    assert (len(rows), len(each)) == (59_835, 20_296)
    return (
        each.sender.to_numpy().astype(np.int64),
        each.receiver.to_numpy().astype(np.int64),
        each["size"].to_numpy().astype(np.float64),
    )


@pytest.fixture(scope="module")
def stand(edges: Edges) -> Standing:
    return standing(*edges)


@pytest.fixture(scope="module")
def reach(edges: Edges) -> NDArray[np.float64]:
    """How many are reached from everybody on average, where each tie passes it on with a chance somewhat above the epidemic
    threshold. An epidemic in which everybody is contagious once is a percolation: one lot for each tie, and whoever hangs
    together has it from each other."""
    _, ties = ties_of(edges[0], edges[1], np.ones(len(edges[0])))
    pairs = sparse.triu(ties, 1).tocoo()
    degree = np.diff(ties.indptr)
    chance = 1.5 * degree.mean() / (degree.astype(np.float64) ** 2).mean()
    lots, n = np.random.default_rng(7), ties.shape[0]
    total = np.zeros(n)
    for _ in range(RUNS):
        passed = lots.random(pairs.nnz) < chance
        row, column = pairs.row[passed], pairs.col[passed]
        _, label = connected_components(sparse.coo_array((np.ones(len(row)), (row, column)), shape=(n, n)), False)
        total += np.bincount(label)[label]
    return total / RUNS


def test_degree_and_core_tell_how_far_it_spreads_better_than_pagerank(
    edges: Edges, stand: Standing, reach: NDArray[np.float64]
) -> None:
    people, ties = ties_of(*edges)
    sent = np.bincount(np.searchsorted(people, edges[0]), edges[2], len(people))
    heard = np.bincount(np.searchsorted(people, edges[1]), minlength=len(people))
    by = {
        "core": stand.core, "degree": stand.degree, "listeners": heard, "listeners, then core": heard * 1_000 + stand.core,
        "betweenness": betweenness(ties), "pagerank": stand.pagerank, "messages": sent,
    }  # fmt: skip

    tau = {name: float(kendalltau(some, reach).statistic) for name, some in by.items()}

    print({name: round(value, 3) for name, value in tau.items()})  # noqa: T201
    assert stand.people.tolist() == people.tolist()
    assert len(people) == 1_899
    assert tau["core"] >= 0.83
    assert tau["degree"] >= 0.82
    assert tau["listeners, then core"] >= 0.80
    assert max(tau["pagerank"], tau["messages"]) < 0.68
