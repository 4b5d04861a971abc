"""Real forests: who invited whom at Lobsters over eleven years, and who passed on what at Twitter."""

from __future__ import annotations

import time

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from tests.real.world import file_of
from tiefen.insight.kernels.forest import Forest, forest, k_factor, trees


@pytest.fixture(scope="module")
def invited() -> Forest:
    rows = pd.read_parquet(file_of("invite_lobsters"))
    rows = rows[rows.joined_at.notna()]
    names = {name: number for number, name in enumerate(pd.unique(rows.member_id))}
    at = rows.joined_at.dt.as_unit("us").astype("int64").to_numpy()
    inviter = rows.inviter_id.map(names).fillna(-1).astype("int64").to_numpy()
    return forest(rows.member_id.map(names).to_numpy(np.int64), inviter, at)


def test_invitations_of_eleven_years_are_as_deep_and_wide_as_networkx_finds(invited: Forest) -> None:
    found = trees(invited)

    graph = nx.Graph((int(up), at) for at, up in enumerate(invited.parent) if up >= 0)
    largest = graph.subgraph(nx.node_connected_component(graph, int(found.root[0])))
    assert len(largest) == found.size[0] == 189
    assert found.virality[0] == pytest.approx(nx.average_shortest_path_length(largest), rel=1e-12)
    assert int(invited.depth.max()) == 6
    assert len(found.root) == nx.number_connected_components(graph) == 167


@pytest.mark.parametrize("year", [2014, 2016, 2018, 2020])
def test_where_people_invite_for_years_what_was_seen_is_called_a_lower_bound(invited: Forest, year: int) -> None:
    cut = int(pd.Timestamp(f"{year}-07-01", tz="UTC").value // 1000)
    then = invited.arrived_us <= cut
    inviter = np.where(invited.parent >= 0, invited.person[invited.parent], -1)
    known = k_factor(forest(invited.person[then], inviter[then], invited.arrived_us[then]), cut)

    came = float(invited.children[then].mean())

    assert known.by == "seen"
    assert known.why == "unsure"
    assert known.k is not None
    assert known.k < came


def test_two_thousand_cascades_are_measured_in_one_pass() -> None:
    rows = pd.read_parquet(file_of("cascade_twitter"))
    home = rows.cascade_id.to_numpy(np.int64) * 2_000_000
    inviter = np.where(rows.parent_no.isna(), -1, home + rows.parent_no.fillna(0).to_numpy(np.int64))
    at = np.round(rows.delay_min.to_numpy(np.float64) * 60e6).astype(np.int64)
    person = home + rows.member_no.to_numpy(np.int64)

    began = time.process_time()
    f = forest(person, inviter, at)
    found = trees(f)
    took = time.process_time() - began

    assert len(f) == 625_205
    assert int(found.size[0]) == 3_008
    assert 2.0 < float(np.median(found.virality)) < 2.6
    middling = int(np.flatnonzero(found.size < 400)[0])
    some = np.flatnonzero(f.root == found.root[middling])
    graph = nx.Graph((int(f.parent[i]), int(i)) for i in some if f.parent[i] >= 0)
    assert found.virality[middling] == pytest.approx(nx.average_shortest_path_length(graph), rel=1e-12)
    assert took < 5
