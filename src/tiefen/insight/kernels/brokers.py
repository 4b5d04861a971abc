"""搭桥的人 — who stands between the others of one group, and whose ties do not know each other.

Betweenness (Freeman 1977, by Brandes 2001) is the share of the shortest paths between two others that lead past somebody.
Constraint (Burt 1992) is how much of somebody's ties is spent on people who are tied to each other: low is a broker.
In groups of more than `EXACT` people paths are followed from `PIVOTS` of them, spread evenly over the people by their ties
(Brandes and Pich 2007), and the share is an estimate: `sampled` says so.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from tiefen.insight.kernels.mapped import Kernel, gathered, groups_of

EXACT, PIVOTS = 128, 64
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def ties_of(a: Ints, b: Ints, weight: Floats) -> tuple[Ints, sparse.csr_array]:
    """The people of a group and the symmetric weights of their ties."""
    people, places = np.unique(np.concatenate((a, b)), return_inverse=True)
    n, start, end = len(people), places[: len(a)], places[len(a) :]
    one_way = sparse.coo_array((weight, (start, end)), shape=(n, n)).tocsr()
    return people, (one_way + one_way.T).tocsr()


def betweenness(ties: sparse.csr_array, exact: int = EXACT, pivots: int = PIVOTS) -> Floats:
    """Of all ordered pairs of others, the share of shortest paths past each; all sources at once, level by level."""
    n = ties.shape[0]
    if n < 3:
        return np.zeros(n)
    step = ties.astype(np.bool_).astype(np.float64).tocsr()
    sources = np.arange(n)
    if n > exact:
        by_ties = np.lexsort((np.arange(n), -np.diff(step.indptr)))
        sources = by_ties[np.linspace(0, n - 1, pivots).round().astype(np.int64)]
    total = np.zeros(n)
    for some in np.array_split(sources, max(1, len(sources) * n // 4_000_000)):
        total += _past(step, some)
    return total * (n / len(sources)) / ((n - 1) * (n - 2))


def _past(step: sparse.csr_array, sources: Ints) -> Floats:
    n, count = step.shape[0], len(sources)
    level = np.full((n, count), -1, np.int64)
    paths = np.zeros((n, count))
    level[sources, np.arange(count)], paths[sources, np.arange(count)] = 0, 1.0
    front, depth = paths, 0
    while front.any():
        depth += 1
        reached = (step @ front) * (level < 0)
        level[reached > 0] = depth
        paths += reached
        front = reached
    depends = np.zeros((n, count))
    for at in range(depth - 1, 0, -1):
        share = np.divide(1.0 + depends, paths, out=np.zeros_like(paths), where=level == at)
        depends += (step @ share) * paths * (level == at - 1)
    depends[sources, np.arange(count)] = 0.0
    return np.asarray(depends.sum(axis=1), np.float64)


def constraint(ties: sparse.csr_array) -> Floats:
    """Burt's constraint of each; 1 for somebody whose only tie is one person."""
    spent = sparse.diags_array(1.0 / np.asarray(ties.sum(axis=1)).ravel()) @ ties
    both = (spent + spent @ spent).multiply(ties.astype(np.bool_))
    return np.asarray(both.multiply(both).sum(axis=1)).ravel()


def circles_tied(ties: sparse.csr_array, circle: Ints) -> Ints:
    """In how many circles everybody has ties, their own counted."""
    n = len(circle)
    belongs = sparse.csr_array((np.ones(n), (np.arange(n), circle)), shape=(n, int(circle.max(initial=0)) + 1))
    reached = (ties.astype(np.bool_).astype(np.float64) @ belongs + belongs).tocsr()
    return np.diff(reached.indptr).astype(np.int64)


def _of(batch: pa.Table) -> pa.Table:
    found: list[dict[str, object]] = []
    for group, edges in groups_of(batch):
        a, b = edges["a"].to_numpy(), edges["b"].to_numpy()
        people, ties = ties_of(a, b, edges["weight"].to_numpy().astype(np.float64))
        circle = np.zeros(len(people), np.int64)
        circle[np.searchsorted(people, a)] = edges["a_circle"].to_numpy()
        circle[np.searchsorted(people, b)] = edges["b_circle"].to_numpy()
        found.append(
            {
                "group": group, "person": people, "betweenness": betweenness(ties), "constraint": constraint(ties),
                "circles": circles_tied(ties, circle), "circle": circle,
                "sampled": np.full(len(people), len(people) > EXACT),
            }
        )  # fmt: skip
    return gathered(BROKERS.gives, found)


BROKERS = Kernel(
    takes=pa.schema(
        [
            ("group", pa.int64()), ("a", pa.int64()), ("b", pa.int64()), ("weight", pa.int64()),
            ("a_circle", pa.int64()), ("b_circle", pa.int64()),
        ]
    ),
    gives=pa.schema(
        [
            ("group", pa.int64()), ("person", pa.int64()), ("betweenness", pa.float64()), ("constraint", pa.float64()),
            ("circles", pa.int64()), ("circle", pa.int64()), ("sampled", pa.bool_()),
        ]
    ),
    of=_of,
    order=("a", "b"),
)  # fmt: skip
"""Who stands between the others in every group, from the ties of each pair and the circles of both."""
