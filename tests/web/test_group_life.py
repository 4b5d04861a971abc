"""A group's outcomes and life on its page, and the same as CSV."""

from __future__ import annotations

import csv
import io

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import all_pages, got, refused


def rows_of(client: TestClient, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).content.decode("utf-8-sig"))))


def test_the_chance_on_the_page_is_that_of_the_list_and_grows_with_the_days(looking: TestClient) -> None:
    for row in all_pages(looking, "/api/groups"):
        life = got(looking.get(f"/api/groups/{row['group']}"))["life"]

        for days in (30, 60, 90):
            chance, listed = life[f"p_silence_{days}"], row["metrics"][f"silence_risk_{days}d"]
            assert (chance["part"] is None) == (not listed["whole"])
            if chance["part"] is not None:
                assert chance["part"] == pytest.approx(listed["part"], rel=1e-9)
        assert (life["p_silence_30"]["part"] is None) <= (life["fallback"] is not None)
        assert life["stage"] == row["stage"]


def test_every_outcome_on_the_page_is_a_metric_of_the_page_with_its_interval_around_it(looking: TestClient) -> None:
    page = got(looking.get(f"/api/groups/{all_pages(looking, '/api/groups')[0]['group']}"))

    assert {(o["outcome"], o["grade"]) for o in page["outcomes"]} == {
        ("growth", "A"), ("retention", "A"), ("survival", "A"),
        ("growth", "B"), ("retention", "B"), ("survival", "B"), ("volume", "B"),
    }  # fmt: skip
    for outcome in page["outcomes"]:
        listed = page["metrics"][outcome["metric"]]
        assert bool(outcome["whole"]) == bool(listed["whole"])
        if outcome["whole"]:
            assert (outcome["part"], outcome["whole"]) == (listed["part"], listed["whole"])
            assert outcome["low"] - 1e-9 <= outcome["part"] / outcome["whole"] <= outcome["high"] + 1e-9
    assert page["summary"]["zh"].endswith("。") and page["summary"]["en"].endswith(".")


def test_the_csv_of_outcomes_and_of_the_life_say_what_the_page_says(looking: TestClient) -> None:
    group = all_pages(looking, "/api/groups")[0]["group"]
    page = got(looking.get(f"/api/groups/{group}"))

    outcomes = rows_of(looking, f"/api/groups/{group}/outcomes.csv")
    days = rows_of(looking, f"/api/groups/{group}/life.csv")

    assert [(row["outcome"], row["grade"]) for row in outcomes] == [
        (o["outcome"], o["grade"]) for o in page["outcomes"]
    ]
    assert sum(int(row["messages"] or 0) for row in days) == sum(day["messages"] for day in page["curve"])
    assert days[-1]["stage"] == page["life"]["stage"]


def test_a_group_that_is_not_there_has_no_csv(looking: TestClient) -> None:
    for name in ("outcomes", "life"):
        refused(looking.get(f"/api/groups/999999/{name}.csv"), 404, "not_found")
