"""Segments as a browser uses them: look at a rule, keep it, see who is in it and why, and be told of what cannot be."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import EMAIL, PASSWORD, Brand
from tiefen.decide.segments import keeping
from tiefen.decide.segments.predicates import PREDICATES
from tiefen.decide.segments.rule import kind_of
from tiefen.decide.segments.starters import STARTERS
from tiefen.kit.clock import now_us

SPOKE = {"kind": "did", "act": "message.posted", "days": 30}
TALKERS = {"kind": "all", "rules": [SPOKE, {"kind": "did_not", "act": "order.paid"}]}


@pytest.fixture
def browser(brand: Brand) -> TestClient:
    return brand.browser()


def work(brand: Brand) -> None:
    """What goes on behind the server."""
    (corp,) = [corp.corp_id for corp in brand.ledger.corps() if brand.ledger.facts(corp.corp_id)]
    while keeping.turn(brand.ledger, brand.settings, corp, now_us()):
        pass


def made(browser: TestClient, rule: dict[str, Any], name: str = "爱说话") -> dict[str, Any]:
    answer = browser.post("/api/segments", json={"name": name, "rule": rule})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_catalogue_tells_what_every_kind_of_condition_asks_for(looking: TestClient) -> None:
    told = looking.get("/api/segments/catalogue").json()

    assert [kind["kind"] for kind in told["kinds"]] == [kind_of(one) for one in PREDICATES]
    assert all(field["widget"] for kind in told["kinds"] for field in kind["fields"])
    assert all(starter["sentence"]["zh"] and starter["sentence"]["en"] for starter in told["starters"])


def test_every_segment_to_begin_with_can_be_counted(looking: TestClient) -> None:
    for starter in STARTERS:
        answer = looking.post("/api/segments/preview", json={"rule": starter.rule})

        assert answer.status_code == 200, (starter.key, answer.text)
        assert 0 <= answer.json()["size"] <= answer.json()["everybody"]


def test_a_rule_is_counted_at_every_condition_and_step_with_people_to_look_at(looking: TestClient) -> None:
    told = looking.post("/api/segments/preview", json={"rule": TALKERS}).json()

    spoke = looking.post("/api/segments/preview", json={"rule": SPOKE}).json()["size"]
    assert told["counts"]["$.rules[0]"] == told["steps"]["$.rules[0]"] == spoke > 0
    assert told["steps"]["$.rules[1]"] == told["counts"]["$"] == told["size"] > 0
    assert told["sentences"]["$.rules[0]"] == {"zh": "近 30 天内发言", "en": "spoke in the last 30 days"}
    assert 1 <= len(told["sample"]) <= 10


def test_who_complained_is_who_the_reading_says_did(brand: Brand, looking: TestClient) -> None:
    counts = [
        looking.post("/api/segments/preview", json={"rule": {"kind": "complained", "days": days}}).json()["size"]
        for days in (1, 14, 60)
    ]

    assert counts == sorted(counts)
    assert counts[2] > 0
    assert looking.post("/api/segments/preview", json={"rule": {"kind": "complained", "days": 61}}).status_code == 400


def test_who_plays_a_role_in_a_group_is_who_the_reading_says_does(looking: TestClient) -> None:
    def counted(*roles: str) -> tuple[int, list[dict[str, Any]]]:
        rule = {"kind": "in_group", "roles": roles}
        told = looking.post("/api/segments/preview", json={"rule": rule}).json()
        return told["size"], told["sample"]

    leaders, sample = counted("leader")
    both, _ = counted("leader", "lurker")
    groups = {one["group"] for one in looking.get("/api/groups", params={"limit": 200}).json()["items"]}
    found = {
        one["person"]
        for group in groups
        for one in looking.get(f"/api/groups/{group}/structure").json().get("leaders", [])
    }

    assert 0 < leaders == len(found) < both
    assert {one["person"] for one in sample} <= found


def test_a_rule_for_everybody_or_for_nobody_is_seen_to_be_one_and_where_it_gets_empty(looking: TestClient) -> None:
    silent = {"kind": "not", "rule": SPOKE}

    every, none = (
        looking.post("/api/segments/preview", json={"rule": {"kind": kind, "rules": [SPOKE, silent]}}).json()
        for kind in ("any", "all")
    )

    assert every["size"] == every["everybody"] > 0
    assert (none["size"], none["sample"]) == (0, [])
    assert none["steps"]["$.rules[0]"] > none["steps"]["$.rules[1]"] == 0


def test_a_segment_is_kept_and_its_members_are_those_that_were_counted(brand: Brand, browser: TestClient) -> None:
    counted = browser.post("/api/segments/preview", json={"rule": TALKERS}).json()["size"]
    segment = made(browser, TALKERS)
    assert segment["size"] is None
    work(brand)

    told = browser.get(f"/api/segments/{segment['segment_id']}").json()
    assert (told["size"], told["fresh"], told["trouble"]) == (counted, True, None)
    assert told["trend"][-1]["size"] == counted
    first = browser.get(f"/api/segments/{segment['segment_id']}/members", params={"limit": 2}).json()
    then = browser.get(
        f"/api/segments/{segment['segment_id']}/members", params={"limit": 2, "after": first["next"]}
    ).json()
    assert len({row["person"] for row in first["items"] + then["items"]}) == 4
    rows = list(
        csv.reader(io.StringIO(browser.get(f"/api/segments/{segment['segment_id']}/members.csv").text.lstrip("\ufeff")))
    )
    assert len(rows) == counted + 1


def test_why_somebody_is_in_is_told_with_the_facts_and_the_day_they_leave(brand: Brand, browser: TestClient) -> None:
    person = browser.post("/api/segments/preview", json={"rule": SPOKE}).json()["sample"][0]["person"]

    told = browser.post("/api/segments/why", json={"rule": TALKERS, "person": person}).json()

    assert [one["place"] for one in told["reasons"]] == ["$", "$.rules[0]", "$.rules[1]"]
    spoke = told["reasons"][1]
    assert (spoke["holds"], spoke["until"] is not None) == (True, True)
    assert spoke["evidence"][0]["fact"] == "message.posted"
    assert code(browser.post("/api/segments/why", json={"rule": TALKERS, "person": 10**12})) == (
        404,
        "person_not_found",
    )


def test_of_two_who_change_a_segment_the_second_is_told(browser: TestClient) -> None:
    segment = made(browser, SPOKE)
    at = f"/api/segments/{segment['segment_id']}"
    assert browser.put(at, json={"version": 1, "rule": SPOKE | {"days": 7}}).json()["version"] == 2

    answer = browser.put(at, json={"version": 1, "name": "别的"})

    assert code(answer) == (409, "segment_changed")
    assert answer.json()["facts"]["now"] == 2


def test_what_is_part_of_another_is_not_put_away_and_no_segment_is_part_of_itself(browser: TestClient) -> None:
    inner = made(browser, SPOKE)
    outer = made(browser, {"kind": "not", "rule": {"kind": "in_segment", "segment": inner["segment_id"]}}, "不说话")
    at = f"/api/segments/{inner['segment_id']}"
    assert browser.get(at).json()["used_by"] == [{"kind": "segment", "id": outer["segment_id"], "name": "不说话"}]

    assert code(browser.post(f"{at}/archive", json={"version": 1})) == (409, "segment_in_use")
    circle = {"kind": "in_segment", "segment": outer["segment_id"]}
    assert code(browser.put(at, json={"version": 1, "rule": circle})) == (409, "segment_cycle")
    preview = browser.post("/api/segments/preview", json={"rule": circle, "segment_id": inner["segment_id"]})
    assert code(preview) == (409, "segment_cycle")

    assert browser.post(f"/api/segments/{outer['segment_id']}/archive", json={"version": 1}).status_code == 200
    assert browser.post(f"{at}/archive", json={"version": 1}).json()["state"] == "archived"
    assert [one["name"] for one in browser.get("/api/segments", params={"archived": True}).json()["items"]].count(
        "爱说话"
    ) == 1
    assert browser.post(f"{at}/restore", json={"version": 2}).json()["state"] == "active"


def deep(levels: int) -> dict[str, Any]:
    rule: dict[str, Any] = SPOKE
    for _ in range(levels):
        rule = {"kind": "not", "rule": rule}
    return rule


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"kind": "all", "rules": []}, "$.rules"),
        ({"kind": "any", "rules": [SPOKE, {"kind": "nonsense"}]}, "$.rules[1].kind"),
        ({"kind": "did", "act": "nonsense"}, "$"),
        ({"kind": "did", "act": "message.posted", "days": 0}, "$.days"),
        ({"kind": "did", "act": "message.posted", "days": 7, "start": "2026-01-01"}, "$"),
        ({"kind": "attribute", "key": "age", "op": "at_least", "values": ["old"]}, "$"),
        ({"kind": "number", "metric": "nonsense"}, "$"),
        ({"kind": "tagged", "tags": ["\0"]}, "$.tags"),
        ({"kind": "tagged", "tags": ["\ud800"]}, "$.tags"),
        ({"kind": "number", "metric": "money", "value": 10**400}, "$.value"),
        ({"kind": "contact", "staff": 2**70}, "$.staff"),
        ({"kind": "did", "act": "anything", "end": "9999-12-31"}, "$"),
        ({"kind": "\ud800"}, "$"),
        ({"kind": "all", "rules": [SPOKE] * 51}, "$.rules[50]"),
        (deep(6), "$.rule.rule.rule.rule.rule.rule"),
        ({}, "$"),
    ],
)  # fmt: skip
def test_a_rule_that_means_nothing_is_refused_with_the_place_in_it(
    looking: TestClient, rule: dict[str, Any], place: str
) -> None:
    content, kind = json.dumps({"rule": rule}), {"Content-Type": "application/json"}
    answer = looking.post("/api/segments/preview", content=content, headers=kind)

    assert code(answer) == (400, "bad_rule")
    assert answer.json()["facts"]["place"] == place


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"kind": "in_segment", "segment": "nothing"}, (404, "segment_not_found")),
        ({"kind": "in_audience", "audience": "nothing"}, (404, "audience_not_found")),
    ],
)
def test_what_is_not_there_cannot_be_part_of_a_rule(
    looking: TestClient, rule: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert code(looking.post("/api/segments/preview", json={"rule": rule})) == expected


def test_an_audience_is_frozen_from_a_segment_from_ids_and_from_a_question(brand: Brand, browser: TestClient) -> None:
    segment = made(browser, SPOKE)
    work(brand)
    size = browser.get(f"/api/segments/{segment['segment_id']}").json()["size"]

    frozen = browser.post("/api/audiences", json={"name": "今天的", "segment_id": segment["segment_id"]}).json()
    assert frozen["size"] == size
    listed = browser.post(
        "/api/segments/preview", json={"rule": {"kind": "in_audience", "audience": frozen["audience_id"]}}
    ).json()
    assert listed["size"] == size
    sql = {"sql": "SELECT DISTINCT member AS person FROM message_posted"}
    assert browser.post("/api/audiences/query", json=sql).json()["size"] > 0
    by_sql = browser.post("/api/audiences", json={"name": "说过话的", **sql}).json()
    ids = [
        line.split(",")[2] for line in browser.get(f"/api/audiences/{by_sql['audience_id']}.csv").text.splitlines()[1:4]
    ]
    id_type = ids[0].split(" ")[0].split(":")[0]
    values = [one.split(" ")[0].split(":", 1)[1] for one in ids if one.startswith(id_type)]
    uploaded = browser.post(
        "/api/audiences", json={"name": "名单", "id_type": id_type, "ids": [*values, "谁也不是"]}
    ).json()
    assert (uploaded["size"], uploaded["unknown"]) == (len(values), ["谁也不是"])

    made(browser, {"kind": "in_audience", "audience": uploaded["audience_id"]}, "用名单")
    assert code(browser.delete(f"/api/audiences/{uploaded['audience_id']}")) == (409, "segment_in_use")
    assert browser.delete(f"/api/audiences/{by_sql['audience_id']}").status_code == 200
    assert code(browser.get(f"/api/audiences/{by_sql['audience_id']}.csv")) == (404, "audience_not_found")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM message_posted", "SELECT 1 AS person; SELECT 2", "SELECT member FROM message_posted", "SELECT 'x' AS person",
        "SELECT person FROM read_csv('/etc/passwd')", "SELECT person FROM nothing", "SELECT -1 AS person",
    ],
)  # fmt: skip
def test_sql_that_reaches_for_anything_else_or_names_nobody_is_refused(browser: TestClient, sql: str) -> None:
    assert code(browser.post("/api/audiences", json={"name": "x", "sql": sql})) == (400, "bad_query")


def test_ids_of_nobody_make_no_list(browser: TestClient) -> None:
    nobody = {"name": "x", "id_type": "phone", "ids": ["13900000000"]}
    assert code(browser.post("/api/audiences", json=nobody)) == (400, "nobody_found")
    assert code(browser.post("/api/audiences", json=nobody | {"id_type": "nonsense"})) == (400, "unknown_key")


@pytest.mark.parametrize("what", ["tags", "skus", "attributes", "staff", "campaigns"])
def test_there_is_something_to_choose_from(looking: TestClient, what: str) -> None:
    answer = looking.get(f"/api/segments/values/{what}")

    assert answer.status_code == 200
    assert isinstance(answer.json()["items"], list)


def test_on_the_first_day_there_is_nobody_and_nothing_breaks(empty: Brand) -> None:
    first = {"name": "宝钗", "email": EMAIL, "password": PASSWORD, "company": "蘅芜苑"}
    assert empty.client().post("/api/setup", json=first).status_code == 200
    browser = empty.browser()

    assert browser.get("/api/segments").json() == {"items": []}
    assert browser.get("/api/audiences").json() == {"items": []}
    told = browser.post("/api/segments/preview", json={"rule": TALKERS}).json()
    assert (told["size"], told["everybody"], told["sample"]) == (0, 0, [])
