"""Which groups share members: against chance, in clusters, and which might be one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from tests.insight.scenes import Scene, tables_of, window_of
from tiefen.insight.tables import group_clusters, group_overlap, merge_candidates
from tiefen.insight.tables.group_clusters import closeness, communities

SINCE = "2026-10-01 09:00"
Told = dict[str, list[dict[str, Any]]]


def read(scene: Scene, tmp_path: Path, messages: dict[int, float] | None = None) -> Told:
    """The tables about overlap, as a reading makes them; of the groups themselves only what they need."""
    snapshot = scene.snapshot()
    with tables_of(snapshot, tmp_path) as tables:
        groups = tables.arrow(tables["group"].select("group", "dismissed_at"))
        talk = [(messages or {}).get(group) for group in groups["group"].to_pylist()]
        groups = groups.append_column("stage", pa.array(["growth"] * len(talk)))
        made = {"groups": groups.append_column("messages_part", pa.array(talk, pa.float64()))}
        for table in (group_overlap.TABLE, group_clusters.TABLE, merge_candidates.TABLE):
            answer = table.of(tables, window_of(snapshot), made)
            made[table.name] = answer if isinstance(answer, pa.Table) else tables.arrow(answer)
    return {name: rows.to_pylist() for name, rows in made.items()}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What is told of the town below."""
    return read(town(), tmp_path_factory.mktemp("town"))


def town() -> Scene:
    """Two families of three groups each, of 40 people who know each other, and one more group of everybody's first.
    Group 3 is nearly group 1. Person 900 works here and is in all of them."""
    scene = Scene()
    scene.rows["person"].append({"person": 900, "staff": True})
    for family in range(2):
        people = range(family * 100 + 1, family * 100 + 41)
        for number, some in enumerate((people[:30], people[10:40], people[1:30])):
            for who in (*some, 900):
                scene.stays(who, SINCE, group=family * 10 + number + 1)
    for who in (1, 101, *range(300, 338)):
        scene.stays(who, SINCE, group=50)
    return scene


def test_what_is_shared_is_held_against_what_lots_would_share(told: Told) -> None:
    pairs = {(row["a"], row["b"]): row for row in told["group_overlap"]}

    twins, far = pairs[1, 3], pairs[1, 50]
    assert (twins["shared"], twins["a_members"], twins["b_members"], twins["population"]) == (29, 30, 29, 118)
    assert twins["expected"] == pytest.approx(30 * 29 / 118)
    assert twins["lift_low"] > 1
    assert far["shared"] == 1
    assert far["lift_low"] < 1 < far["shared"] / far["expected"] * 20
    assert all(900 not in (row["a"], row["b"]) and row["shared"] <= 40 for row in pairs.values())


def test_whoever_works_here_makes_no_two_groups_alike(told: Told) -> None:
    pairs = {(row["a"], row["b"]) for row in told["group_overlap"]}

    assert (1, 11) not in pairs


def test_the_bounds_of_lift_are_those_of_a_poisson_count() -> None:
    for count in (1, 2, 5, 30, 1000):
        low, high = (float(bound.execute()) for bound in group_overlap._bounds(_literal(count)))

        assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * count) / 2, rel=0.02, abs=0.03)
        assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * count + 2) / 2, rel=0.02)


def _literal(count: int) -> Any:
    import ibis

    return ibis.literal(float(count))


def test_families_of_groups_are_clusters_and_neighbours(told: Told) -> None:
    clusters = told["group_clusters"]

    by_group = {row["group"]: row for row in clusters}
    assert {row["cluster_groups"] for row in clusters} == {3}
    assert [{by_group[g]["cluster"] for g in family} for family in ((1, 2, 3), (11, 12, 13))] in (
        [{0}, {1}],
        [{1}, {0}],
    )
    assert 50 not in by_group
    assert sorted(row["place"] for row in clusters) == list(range(6))
    places = {g: by_group[g]["place"] for g in (1, 2, 3)}
    assert abs(places[1] - places[3]) == 1


def test_planted_clusters_among_hundreds_of_groups_are_found_again() -> None:
    lots = np.random.default_rng(3)
    truth = np.arange(400) % 16
    a, b = np.triu_indices(400, 1)
    strong = np.where(truth[a] == truth[b], lots.random(len(a)) < 0.6, lots.random(len(a)) < 0.02)

    found = communities(a[strong], b[strong], np.where(truth[a] == truth[b], 0.5, 0.1)[strong], 400)

    assert len(set(zip(truth, found, strict=True))) == 16


def test_a_pair_that_holds_each_other_whole_is_as_close_as_can_be() -> None:
    pairs = pa.table(
        {
            "shared": [10, 3],
            "expected": [1.0, 2.9],
            "lift_low": [4.0, 0.2],
            "a_members": [10, 20],
            "b_members": [30, 20],
        }
    )

    assert closeness(pairs).tolist() == [1.0, 0.0]


def test_groups_that_might_be_one_say_what_the_one_would_be_like(tmp_path: Path) -> None:
    scene = town()
    for minute in range(12):
        scene.says(2 + minute, f"2026-11-20 10:{minute:02}", group=3)
    scene.says(5, "2026-11-20 11:00", group=1)
    scene.says(900, "2026-11-20 11:01", group=1)

    found = {(row["a"], row["b"]): row for row in read(scene, tmp_path, {1: 2, 3: 12})["merge_candidates"]}

    twins = found[1, 3]
    assert (twins["merged"], twins["fits"], twins["cap"], twins["keeper"]) == (30, True, 500, 3)
    assert (twins["messages"], twins["speakers"]) == (14, 12)
    assert (1, 50) not in found


def test_of_groups_nobody_hears_the_larger_is_kept_and_talk_is_unknown(told: Told) -> None:
    twins = next(row for row in told["merge_candidates"] if (row["a"], row["b"]) == (1, 3))

    assert (twins["keeper"], twins["messages"], twins["speakers"]) == (1, None, None)


def test_a_dismissed_group_is_no_candidate(tmp_path: Path) -> None:
    scene = town()
    scene.group(3, dismissed="2026-11-01 09:00")

    assert not [row for row in read(scene, tmp_path)["merge_candidates"] if 3 in (row["a"], row["b"])]


def test_where_nothing_is_shared_there_is_nothing_to_tell(tmp_path: Path) -> None:
    scene = Scene()
    scene.stays(1, SINCE, group=1)
    scene.stays(2, SINCE, group=2)

    told = read(scene, tmp_path)

    assert (told["group_overlap"], told["group_clusters"], told["merge_candidates"]) == ([], [], [])
