"""Circles, brokers and leaders of one group, against networkx and by hand; and kernels mapped over many groups."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

from tiefen.insight.kernels.apart import asked_apart
from tiefen.insight.kernels.brokers import BROKERS, betweenness, circles_tied, constraint, ties_of
from tiefen.insight.kernels.circles import CIRCLES, standing
from tiefen.insight.kernels.mapped import batches_of, mapped


def edges_of(graph: nx.Graph, group: int = 1) -> pa.Table:
    a, b = np.array(sorted(graph.edges()), np.int64).reshape(-1, 2).T
    return pa.table({"group": np.full(len(a), group), "a": a, "b": b, "weight": np.ones(len(a), np.int64)})


def arrays_of(graph: nx.Graph) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    a, b = np.array(graph.edges(), np.int64).T
    return a, b, np.ones(len(a))


def test_the_circles_of_the_karate_club_are_as_modular_as_any_can_be() -> None:
    club = nx.karate_club_graph()

    found = standing(*arrays_of(club))

    circles = [set(found.people[found.circle == n].tolist()) for n in range(found.circle.max() + 1)]
    assert nx.community.modularity(club, circles, weight=None) == pytest.approx(0.4198, abs=5e-5)
    assert dict(zip(found.people.tolist(), found.core.tolist(), strict=True)) == nx.core_number(club)
    assert dict(zip(found.people.tolist(), found.degree.tolist(), strict=True)) == dict(club.degree())


def test_brokers_are_those_of_networkx() -> None:
    club = nx.karate_club_graph()
    people, ties = ties_of(*arrays_of(club))

    assert people.tolist() == sorted(club)
    theirs = nx.betweenness_centrality(club)
    assert betweenness(ties) == pytest.approx([theirs[person] for person in people.tolist()])
    theirs = nx.constraint(club, weight=None)
    assert constraint(ties) == pytest.approx([theirs[person] for person in people.tolist()])


def test_between_many_people_the_share_of_paths_is_estimated_and_finds_the_same_brokers() -> None:
    parts = nx.connected_watts_strogatz_graph(300, 6, 0.1, seed=1)
    _, ties = ties_of(*arrays_of(parts))
    exact = betweenness(ties, exact=1_000)

    estimated = betweenness(ties)

    assert not np.allclose(estimated, exact)
    assert np.corrcoef(estimated, exact)[0, 1] > 0.9
    assert estimated.sum() == pytest.approx(exact.sum(), rel=0.1)


def test_somebody_between_two_circles_is_tied_to_both() -> None:
    two = nx.barbell_graph(5, 1)
    people, ties = ties_of(*arrays_of(two))
    circle = (people > 5).astype(np.int64)

    assert circles_tied(ties, circle)[5] == 2
    assert circles_tied(ties, circle)[0] == 1
    assert betweenness(ties).argmax() == 5


def test_what_is_said_of_a_group_does_not_depend_on_the_groups_around_it() -> None:
    graphs = [nx.gnm_random_graph(40, 90, seed=n) for n in range(6)]
    all_of_them = pa.concat_tables([edges_of(graph, n + 1) for n, graph in enumerate(graphs)][::-1])

    together = mapped(CIRCLES, all_of_them, workers=2)

    alone = pa.concat_tables([mapped(CIRCLES, edges_of(graph, n + 1)) for n, graph in enumerate(graphs)])
    assert together.equals(alone)


def test_processes_of_their_own_say_of_many_groups_what_this_one_says() -> None:
    edges = pa.concat_tables([edges_of(nx.gnm_random_graph(30, 60, seed=n), n + 1) for n in range(7)])
    batches = list(batches_of(edges.sort_by("group"), size=100))

    apart = asked_apart(CIRCLES.of, batches, 2)

    assert len(batches) > 2
    assert [one.cast(CIRCLES.gives) for one in apart] == [CIRCLES.of(batch).cast(CIRCLES.gives) for batch in batches]


def test_a_kernel_that_fails_in_a_process_of_its_own_fails_here(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match=r"circles\._of failed in a process of its own"):
        asked_apart(CIRCLES.of, [pa.table({"group": [1]}), pa.table({"group": [2]})], 2)

    assert "KeyError" in capfd.readouterr().err


def test_no_group_is_divided_between_batches_whatever_its_size() -> None:
    sizes = [1, 1, 7, 30, 2, 1]
    rows = pa.table({"group": np.repeat(np.arange(len(sizes)), sizes), "n": np.arange(sum(sizes))})

    found = list(batches_of(rows, size=8))

    assert pa.concat_tables(found).equals(rows)
    assert [batch.num_rows for batch in found] == [2, 7, 30, 3]


def test_nothing_to_map_over_gives_a_table_with_no_rows() -> None:
    assert mapped(CIRCLES, CIRCLES.takes.empty_table()).schema == CIRCLES.gives
    assert mapped(BROKERS, BROKERS.takes.empty_table()).num_rows == 0


@pytest.mark.slow
def test_a_group_of_fifty_thousand_has_circles_and_brokers_too() -> None:
    lots = np.random.default_rng(1)
    a, b = np.sort(lots.choice(50_000, (2, 150_000), p=_weights(50_000)), axis=0)
    pairs = np.unique(np.stack((a, b))[:, a != b], axis=1)
    edges = pa.table({"group": np.ones(pairs.shape[1], np.int64), "a": pairs[0], "b": pairs[1]})
    edges = edges.append_column("weight", pa.array(np.ones(pairs.shape[1], np.int64)))

    stand = mapped(CIRCLES, edges)

    circle = np.zeros(50_000, np.int64)
    circle[stand["person"].to_numpy()] = stand["circle"].to_numpy()
    for name, end in (("a_circle", 0), ("b_circle", 1)):
        edges = edges.append_column(name, pa.array(circle[pairs[end]]))
    brokers = mapped(BROKERS, edges)
    assert brokers.num_rows == stand.num_rows > 30_000
    assert brokers["sampled"].to_numpy().all()
    assert brokers["betweenness"].to_numpy().argmax() < 100


def _weights(n: int) -> np.ndarray:
    rates = np.arange(1.0, n + 1) ** -0.5
    return np.asarray(rates / rates.sum())
