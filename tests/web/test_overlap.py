"""Overlap and plans over HTTP: pages, matrices and CSV tell the same, and what cannot be is answered."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from tests.web.scenes import Brand, another_company, got, refused, sheet


@pytest.fixture(scope="module")
def overlap(looking: TestClient) -> Any:
    return got(looking.get("/api/overlap?least=1"))


def test_a_pair_tells_its_lift_with_bounds(overlap: Any) -> None:
    for pair in overlap["pairs"]:
        lift = pair["lift"]["part"] / pair["lift"]["whole"]
        assert pair["lift_low"] < lift < pair["lift_high"]


def test_the_matrix_tells_what_the_pairs_tell(brand: Brand, overlap: Any) -> None:
    """All groups that share anybody hang together, in the order of their numbers from the highest."""
    groups = sorted({pair[side] for pair in overlap["pairs"] for side in "ab"}, reverse=True)
    ones = [1] * len(groups)
    clusters = {"group": groups, "cluster": [0] * len(groups), "cluster_groups": ones, "place": list(range(len(groups))),
                "ties_inside": [float(one) for one in ones], "ties_outside": [0.0] * len(groups)}  # fmt: skip
    place = next((brand.settings.data / "readings" / "main").glob("*/group_clusters.parquet"))
    pq.write_table(pa.table(clusters), place)

    matrix = got(brand.machine().get("/api/overlap/matrix"))

    order = [group["group"] for group in matrix["groups"]]
    cells = {tuple(sorted((order[i], order[j]))): shared for i, j, shared in matrix["cells"]}
    assert order == groups
    assert cells == {(pair["a"], pair["b"]): pair["shared"] for pair in overlap["pairs"]}


def test_csv_has_every_pair_with_its_parts(looking: TestClient, overlap: Any) -> None:
    heading, *rows = sheet(looking.get("/api/overlap.csv"))

    first = dict(zip(heading, rows[0], strict=True))
    assert len(rows) == len(overlap["pairs"])
    assert int(first["shared"]) == overlap["pairs"][0]["shared"]
    assert float(first["expected"]) == pytest.approx(
        int(first["a_members"]) * int(first["b_members"]) / int(first["population"])
    )


def test_candidates_are_the_same_on_the_page_and_as_csv(looking: TestClient, overlap: Any) -> None:
    heading, *rows = sheet(looking.get("/api/overlap/candidates.csv"))

    assert [(int(row[heading.index("a")]), int(row[heading.index("b")])) for row in rows] == [
        (one["a"]["group"], one["b"]["group"]) for one in overlap["candidates"]
    ]


def test_of_groups_nobody_has_read_there_is_nothing_to_tell(empty: Brand) -> None:
    other = empty.machine(another_company(empty.ledger))

    assert got(other.get("/api/overlap"))["pairs"] == []
    assert got(other.get("/api/overlap/matrix"))["cells"] == []
    assert len(sheet(other.get("/api/overlap.csv"))) == 1


def test_an_unknown_order_is_refused(looking: TestClient) -> None:
    refused(looking.get("/api/overlap?sort=beauty"), 422, "not_understood")
