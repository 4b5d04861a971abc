"""Cohorts, funnels, paths and the referral forest over HTTP."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import TOKEN, Brand, give_token, got, refused, sheet


def test_cohorts_are_told_with_part_and_whole_and_add_up(looking: TestClient) -> None:
    page = got(looking.get("/api/cohorts", params={"start": "message.posted", "back": "message.posted"}))

    assert (page["period"], page["days"], page["start"]["zh"]) == ("week", 7, "发言")
    cells = [cell for cohort in page["cohorts"] for cell in cohort["cells"]]
    assert cells
    assert all(0 <= cell["part"] <= cell["whole"] for cell in cells)
    for together in page["together"]:
        some = [cell for cell in cells if cell["period"] == together["period"]]
        assert together["part"] == sum(cell["part"] for cell in some)
    rows = sheet(looking.get("/api/cohorts.csv", params={"start": "message.posted", "back": "message.posted"}))
    assert rows[0] == ["cohort", "people", "period", "part", "whole"]
    assert len(rows) == 1 + len(cells)


def test_a_question_of_ones_own_is_answered_live_and_then_from_memory(brand: Brand) -> None:
    client = brand.machine()
    asked = {"step": ["message.posted", "order.paid"], "days": 40}

    first = got(client.get("/api/funnels", params=asked))
    again = got(client.get("/api/funnels", params=asked))

    assert [step["act"] for step in first["steps"]] == asked["step"]
    people = [step["people"] for step in first["steps"]]
    assert people[0] > people[1] > 0
    assert first["leak"] == 1
    assert first["steps"][1]["of_first"] == {"part": people[1], "whole": people[0], "unit": "share"}
    assert again["seconds"] == first["seconds"]
    assert sheet(client.get("/api/funnels.csv", params=asked))[2][:4] == ["2", "order.paid", str(people[1]), str(people[0])]  # fmt: skip


def test_standard_questions_are_in_the_reading(looking: TestClient) -> None:
    page = got(looking.get("/api/funnels"))

    assert page["seconds"] == 0
    assert [step["act"] for step in page["steps"]] == ["contact.added", "member.joined", "message.posted", "order.paid"]


def test_paths_name_what_people_did_next(looking: TestClient) -> None:
    page = got(looking.get("/api/paths", params={"around": "order.paid", "before": "true", "steps": 2, "days": 30}))

    assert page["items"]
    assert all(len(item["steps"]) <= 2 for item in page["items"])
    assert sum(item["people"]["part"] for item in page["items"]) <= page["items"][0]["people"]["whole"]


def test_the_forest_and_its_rings_are_told(looking: TestClient) -> None:
    page = got(looking.get("/api/forest"))

    assert page["forest"]["people"] > 0
    assert [step["step"] for step in page["steps"]][-1] == "brought"
    assert sheet(looking.get("/api/forest.csv"))[0] == ["person", "parent", "root", "depth", "children", "below"]
    assert sheet(looking.get("/api/rings.csv"))[0] == ["ring", "person", "ties"]


def test_what_can_be_asked_about_is_told_with_its_names(looking: TestClient) -> None:
    items = {item["what"]: item for item in got(looking.get("/api/acts"))["items"]}

    assert items["member.joined"]["narrowed_by"] == ["group"]
    assert items["order.paid"]["zh"] == "付款"


@pytest.mark.parametrize(
    "path", ["/api/cohorts?start=nothing", "/api/funnels?step=order.paid;name=x", "/api/paths?around=;;;"]
)
def test_what_nobody_can_do_is_refused(path: str, looking: TestClient) -> None:
    refused(looking.get(path), 400, "unknown_key")


def test_a_funnel_of_nine_steps_is_not_understood(looking: TestClient) -> None:
    refused(looking.get("/api/funnels", params={"step": ["order.paid"] * 9}), 422, "not_understood")


def test_a_ring_that_is_none_is_not_there(looking: TestClient) -> None:
    refused(looking.get("/api/rings/123456"), 404, "not_found")


@pytest.mark.parametrize("path", ["/api/cohorts", "/api/funnels", "/api/paths", "/api/forest", "/api/acts"])
def test_before_anything_was_read_there_is_nothing_to_tell(path: str, empty: Brand) -> None:
    give_token(empty.ledger, "main", TOKEN)

    assert got(empty.machine().get(path))["reading"] is None
