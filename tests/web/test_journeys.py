"""Journeys over HTTP: from a template to people inside, with bad input told plainly."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.scenes import Brand, demote, got, refused
from tiefen.act.journeys import webhooks
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import PointsGiven
from tiefen.ledger.identity import numbered


def drawn(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"triggers": [{"kind": "by_hand"}], "steps": list(steps), "holdout": 0, **more}


HELLO = {"kind": "send", "id": "hello", "message": {"text": "你好"}, "next": "w"}
WAIT = {"kind": "wait", "id": "w", "minutes": 60}


@pytest.fixture
def api(brand: Brand) -> TestClient:
    return brand.machine()


@pytest.fixture
def journey(api: TestClient) -> dict[str, Any]:
    made = api.post("/api/journeys", json={"name": "欢迎"}).json()
    saved = {"version": made["version"], "name": "欢迎新朋友", "journey": drawn(HELLO, WAIT)}
    told: dict[str, Any] = api.put(f"/api/journeys/{made['journey']}", json=saved).json()
    return told


def published(api: TestClient, journey: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = api.post(
        f"/api/journeys/{journey['journey']}/publish", json={"version": journey["version"]}
    ).json()
    return told


def test_every_template_is_a_draft_with_one_click_in_both_languages(api: TestClient) -> None:
    kinds = api.get("/api/journey-kinds").json()

    for template in kinds["templates"]:
        for language in ("zh", "en"):
            asked = {"name": template[language], "template": template["key"], "language": language}
            made = api.post("/api/journeys", json=asked)
            assert made.status_code == 201, made.text
            needs = {"win_back": {"trigger:0"}, "launch": {"before", "day"}}.get(template["key"], set())
            assert {wrong["at"] for wrong in made.json()["wrong"]} == needs
    assert len(kinds["templates"]) == 8
    assert {step["key"] for step in kinds["steps"]} >= {"send", "wait", "wait_for", "split", "jump"}
    assert len(api.get("/api/journeys").json()["items"]) == 16


def test_what_is_drawn_is_published_and_people_are_put_in(api: TestClient, journey: dict[str, Any]) -> None:
    live = published(api, journey)
    person = api.get("/api/persons").json()["items"][0]["person"]
    entered = api.post(f"/api/journeys/{live['journey']}/enter", json={"persons": [person, 987_654]}).json()
    whole = api.get(f"/api/journeys/{live['journey']}").json()
    inside = api.get(f"/api/journeys/{live['journey']}/people").json()["items"]
    path = api.get(f"/api/persons/{person}/journeys").json()["items"]

    assert (live["state"], live["live"], live["wrong"]) == ("live", 1, [])
    assert entered["entered"] == {"entered:journey": 1, "turned_away:not_there": 1}
    assert whole["steps"]["hello"]["in"] == 1
    assert whole["says"]["steps"]["w"]["said"] == {"zh": "等 1 小时", "en": "Wait 1 hour"}
    assert [one["person"] for one in inside] == [person]
    assert (path[0]["name"], path[0]["at"]["step"]) == ("欢迎新朋友", "hello")


def test_the_check_says_what_is_wrong_and_who_would_move(api: TestClient, journey: dict[str, Any]) -> None:
    live = published(api, journey)
    person = api.get("/api/persons").json()["items"][0]["person"]
    api.post(f"/api/journeys/{live['journey']}/enter", json={"persons": [person]})

    bad = api.post(
        f"/api/journeys/{live['journey']}/check", json={"journey": drawn({**HELLO, "next": "nowhere"})}
    ).json()
    moved = api.post(f"/api/journeys/{live['journey']}/check", json={"journey": drawn(WAIT)}).json()

    assert bad["wrong"][0]["at"] == "hello"
    said = {"zh": "发消息：你好", "en": "Say: 你好"}
    assert moved["moving"] == [{"step": "hello", "waiting": 1, "to": "w", "said": said}]


def test_it_is_rehearsed_and_tried_with_somebody(api: TestClient, journey: dict[str, Any]) -> None:
    where = f"/api/journeys/{journey['journey']}"
    person = api.get("/api/persons").json()["items"][0]["person"]
    arrives = drawn(HELLO, WAIT, triggers=[{"kind": "joined"}])

    done = api.post(f"{where}/rehearse", json={"journey": arrives, "days": 60, "compare": True})
    tried = api.post(f"{where}/try", json={"journey": arrives, "person": person}).json()

    assert done.status_code == 200, done.text
    assert done.json()["draft"]["entered"] >= 0
    assert [one["step"] for one in tried["passed"]] == ["hello", "w"]
    assert tried["passed"][0]["says"] == "你好"
    assert tried["passed"][0]["outcome"] in ("touch", "refusal", "postponed")


def test_states_and_versions_go_back_and_forth(api: TestClient, journey: dict[str, Any]) -> None:
    told, where = published(api, journey), f"/api/journeys/{journey['journey']}"
    for change, state in (("pause", "paused"), ("continue", "live"), ("stop", "stopped")):
        told = api.post(f"{where}/state/{change}", json={"version": told["version"]}).json()
        assert told["state"] == state

    again = api.post(f"{where}/state/continue", json={"version": told["version"]})

    assert (again.status_code, again.json()["code"]) == (409, "journey_not_in_this_state")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "", None, 404, "journey_not_found"),
        ("POST", "/check", {"journey": {}}, 404, "journey_not_found"),
        ("POST", "/publish", {"version": 1}, 404, "journey_not_found"),
        ("POST", "/rehearse", {"journey": {}}, 404, "journey_not_found"),
        ("POST", "/try", {"journey": {}, "person": 1}, 404, "journey_not_found"),
        ("POST", "/enter", {"persons": [1]}, 404, "journey_not_found"),
        ("POST", "/enter", {"persons": []}, 422, "not_understood"),
        ("POST", "/state/explode", {"version": 1}, 422, "not_understood"),
    ],
)
def test_what_is_not_there_is_told(
    api: TestClient, method: str, path: str, body: Any, status: int, code: str
) -> None:  # fmt: skip
    said = api.request(method, f"/api/journeys/none{path}", json=body)

    assert (said.status_code, said.json()["code"]) == (status, code)


def test_bad_drawings_and_two_editors_are_told(api: TestClient, journey: dict[str, Any]) -> None:
    where = f"/api/journeys/{journey['journey']}"
    no_step = api.put(
        where, json={"version": journey["version"], "name": "x", "journey": drawn({"kind": "explode", "id": "a"})}
    )
    late = api.put(where, json={"version": 1, "name": "x", "journey": drawn(HELLO)})
    empty = api.post(f"{where}/rehearse", json={"journey": {}})
    unknown = api.post("/api/journeys", json={"name": "x", "template": "nothing"})

    assert (no_step.status_code, no_step.json()["code"]) == (400, "bad_journey")
    assert (late.status_code, late.json()["code"]) == (409, "journey_changed")
    assert (empty.status_code, empty.json()["code"]) == (409, "journey_wrong")
    assert empty.json()["facts"]["wrongs"][0]["zh"]
    assert unknown.json()["code"] == "unknown_key"


def test_looking_at_the_secret_of_webhooks_makes_none(brand: Brand, api: TestClient) -> None:
    told = [got(api.get("/api/webhook-secret"))["secret"] for _ in range(2)]

    assert told == [None, None]
    assert webhooks.kept_secret(brand.ledger, "main") is None


def test_the_secret_of_webhooks_is_made_and_renewed_by_the_owner_and_stays_the_same_between(
    brand: Brand, api: TestClient
) -> None:
    first = got(api.post("/api/webhook-secret"))["secret"]
    seen = [got(api.get("/api/webhook-secret"))["secret"] for _ in range(2)]
    second = got(api.post("/api/webhook-secret"))["secret"]
    signed = webhooks.secret(brand.ledger, "main")
    demote(brand.ledger)

    refused(brand.browser().get("/api/webhook-secret"), 403, "not_allowed")
    refused(brand.browser().post("/api/webhook-secret"), 403, "not_allowed")
    assert len(first) > 30
    assert seen == [first, first]
    assert first != second == signed


def test_the_brands_own_system_of_points_is_set_by_the_owner_and_by_https_alone(brand: Brand, api: TestClient) -> None:
    before = got(api.get("/api/points-hook"))
    http = api.put("/api/points-hook", json={"url": "http://points.example/"})
    password = api.put("/api/points-hook", json={"url": "https://me:secret@points.example/"})
    told = got(api.put("/api/points-hook", json={"url": " https://points.example/given "}))
    demote(brand.ledger)

    assert before == {"url": "", "waiting": 0, "failed": 0}
    assert {(said.status_code, said.json()["code"]) for said in (http, password)} == {(400, "bad_address")}
    assert told == {"url": "https://points.example/given", "waiting": 0, "failed": 0}
    refused(brand.browser().put("/api/points-hook", json={"url": ""}), 403, "not_allowed")


def test_a_persons_page_says_how_many_points_they_were_given(brand: Brand, api: TestClient) -> None:
    first, second = (row["person"] for row in got(api.get("/api/persons", params={"limit": 2}))["items"])
    brand.ledger.append(
        Batch(
            "main", "journeys",
            [
                PointsGiven(happened_us=n, source_id=f"p{n}", person=numbered(first), points=n, because="生日")
                for n in (10, 20)
            ],
        )
    )  # fmt: skip

    page = got(api.get(f"/api/persons/{first}"))

    assert page["points"] == 30
    assert {"zh": "得到 10 积分（生日）", "en": "was given 10 points (生日)"}.items() <= page["timeline"][-1].items()
    assert got(api.get(f"/api/persons/{second}"))["points"] is None
