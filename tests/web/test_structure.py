"""The structure of a group, as the console asks for it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import got, sheet


@pytest.fixture(scope="module")
def group(looking: TestClient) -> int:
    rows = got(looking.get("/api/groups", params={"sort": "messages"}))["items"]
    return int(rows[0]["group"])


@pytest.fixture(scope="module")
def page(looking: TestClient, group: int) -> Any:
    return got(looking.get(f"/api/groups/{group}/structure"))


def test_leaders_come_with_their_course_and_are_those_of_the_group_page(
    looking: TestClient, group: int, page: Any
) -> None:
    there = got(looking.get(f"/api/groups/{group}"))["leaders"]

    assert {one["person"] for one in page["leaders"]} == {one["person"] for one in there} != set()
    assert all(len(one["heard_by_weeks"]) == 26 and one["name"] for one in page["leaders"])
    assert [one["listeners"] for one in page["leaders"]] == sorted(
        (one["listeners"] for one in page["leaders"]), reverse=True
    )


def test_numbers_of_the_structure_are_those_of_the_catalogue(looking: TestClient, group: int, page: Any) -> None:
    metrics = got(looking.get(f"/api/groups/{group}"))["metrics"]

    assert {"strangers_against_null", "reciprocity_against_null", "integration_14d"} <= set(page["metrics"])
    assert page["metrics"] == {key: metrics[key] for key in page["metrics"]}
    assert page["ties"] > 0
    assert page["guessed"] is False


@pytest.mark.parametrize("part", ["leaders", "events", "brokers"])
def test_each_list_can_be_had_as_csv(looking: TestClient, group: int, page: Any, part: str) -> None:
    head, *rows = sheet(looking.get(f"/api/groups/{group}/structure.csv", params={"part": part}))

    assert head[:2] == ["person", "name"]
    assert [int(row[0]) for row in rows] == [row["person"] for row in page[part]]
    assert all(row[1] for row in rows)


def test_a_group_that_is_not_there_has_no_structure(looking: TestClient) -> None:
    assert looking.get("/api/groups/99999999/structure").status_code == 404
    assert looking.get("/api/groups/99999999/structure.csv").status_code == 404
