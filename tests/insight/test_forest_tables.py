"""The referral forest of a few people, reckoned by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tests.insight.scenes import BAJIE, BAKERS, BOOKS, DAIYU, SHASENG, WUKONG, Scene, tables_of, window_of
from tiefen.insight.tables import forest, forest_generations, forest_people, forest_steps, forest_trees

TABLES = (forest_people, forest_trees, forest, forest_generations, forest_steps)
STAFF = 90


def read(scene: Scene, tmp_path: Path) -> dict[str, pa.Table]:
    snapshot = scene.snapshot()
    made: dict[str, pa.Table] = {}
    with tables_of(snapshot, tmp_path, keeping=True) as tables:
        for module in TABLES:
            rows = module.TABLE.of(tables, window_of(snapshot), made)
            made[module.TABLE.name] = rows if isinstance(rows, pa.Table) else tables.arrow(rows)
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, pa.Table]]:
    """悟空 brings 八戒, who brings 沙僧; 黛玉 comes by herself and 悟空 later takes her to a second group; staff take in 5."""
    scene = Scene()
    scene.rows["person"].append({"person": STAFF, "staff": True})
    scene.stays(WUKONG, "2026-10-01")
    scene.stays(DAIYU, "2026-10-02")
    scene.stays(BAJIE, "2026-10-11", invited_by=WUKONG)
    scene.stays(DAIYU, "2026-10-12", group=BAKERS, invited_by=WUKONG)
    scene.stays(SHASENG, "2026-10-16", "2026-11-01", invited_by=BAJIE)
    scene.stays(5, "2026-10-17", invited_by=STAFF)
    scene.says(BAJIE, "2026-10-20", group=BOOKS)
    scene.fact("order.paid", "2026-10-21", person=SHASENG, order="A1", amount_fen=100)
    for person, tag in ((WUKONG, "长安"), (BAJIE, "长安"), (BAJIE, "高老庄"), (SHASENG, "流沙河")):
        scene.fact("tag.put", "2026-10-22", person=person, tag=tag)
    for person, source in ((WUKONG, 5), (BAJIE, 5), (SHASENG, 6)):
        scene.fact("contact.added", "2026-10-01", person=person, source=source)
    yield read(scene, tmp_path_factory.mktemp("forest"))


def test_only_the_first_group_counts_and_staff_bring_nobody(made: dict[str, pa.Table]) -> None:
    rows = {row["person"]: row for row in made["forest_people"].to_pylist()}

    assert {person: row["parent"] for person, row in rows.items()} == {
        WUKONG: None, DAIYU: None, BAJIE: WUKONG, SHASENG: BAJIE, 5: None,
    }  # fmt: skip
    assert (rows[SHASENG]["root"], rows[SHASENG]["depth"], rows[WUKONG]["below"]) == (WUKONG, 2, 3)
    assert {p: rows[p]["source"] for p in (WUKONG, BAJIE, SHASENG, DAIYU)} == {WUKONG: 5, BAJIE: 5, SHASENG: 6, DAIYU: None}  # fmt: skip


def test_the_tree_is_a_chain_of_three_and_one_of_its_links_joins_the_same_source(made: dict[str, pa.Table]) -> None:
    (row,) = made["forest_trees"].to_pylist()

    assert (row["root"], row["size"], row["depth"], row["widest"], row["bringers"]) == (WUKONG, 3, 2, 1, 2)
    assert row["virality"] == pytest.approx(4 / 3)
    assert (row["same_source_part"], row["same_source_whole"]) == (1, 2)
    assert row["same_source_chance"] == pytest.approx(1.0)  # both who brought are of 5, one of the two brought is


def test_k_of_so_few_is_what_was_seen(made: dict[str, pa.Table]) -> None:
    (row,) = made["forest"].to_pylist()

    assert (row["people"], row["brought"], row["k"], row["k_by"], row["k_why"]) == (5, 2, 0.4, "seen", "too_few")
    assert row["cycle_days_seen"] == pytest.approx(7.5)
    assert (row["same_tag_part"], row["same_tag_whole"]) == (1, 2)


def test_generations_add_up(made: dict[str, pa.Table]) -> None:
    rows = [tuple(row.values()) for row in made["forest_generations"].to_pylist()]

    assert rows == [(0, 3, 1, 1, None), (1, 1, 1, 1, 10.0), (2, 1, 0, 0, 5.0)]


def test_each_step_is_told_of_those_of_whom_it_can_be_known(made: dict[str, pa.Table]) -> None:
    steps = {row.pop("step"): tuple(row.values())[1:] for row in made["forest_steps"].to_pylist()}

    assert "scanned" not in steps or steps["scanned"] == (0, 0, 0, 0)  # no scan was ever told
    assert steps["added"] == (2, 2, 1, 3)
    assert steps["joined"] == (2, 2, 3, 3)
    assert steps["here"] == (1, 2, 3, 3)
    assert steps["spoke"] == (1, 2, 0, 3)
    assert steps["bought"] == (1, 2, 0, 3)
    assert steps["brought"] == (1, 2, 1, 3)


def test_of_nobody_there_is_no_forest(tmp_path: Path) -> None:
    made = read(Scene(), tmp_path)

    assert [made[module.TABLE.name].num_rows for module in TABLES[:2]] == [0, 0]
    assert made["forest"].to_pylist()[0]["k"] is None


def test_where_nobody_is_told_to_have_brought_anybody_k_is_unknown_and_not_zero(tmp_path: Path) -> None:
    scene = Scene()
    scene.rows["person"].append({"person": STAFF, "staff": True})
    scene.stays(WUKONG, "2026-10-01")
    scene.stays(BAJIE, "2026-10-11", invited_by=STAFF)

    (row,) = read(scene, tmp_path)["forest"].to_pylist()

    assert (row["people"], row["brought"], row["k_why"]) == (2, 0, "nobody_brought")
    assert (row["k"], row["k_low"], row["k_high"], row["k_within"]) == (None, None, None, None)
