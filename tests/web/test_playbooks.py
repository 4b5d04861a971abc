"""Playbooks over HTTP: from a ready one to tasks, the matrix and the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from tests.web.scenes import Brand, another_company, give_token, got, number_of, opened, refused
from tests.web.staffed import cleared
from tiefen.act import tasks
from tiefen.act.playbooks import turning
from tiefen.kit.clock import DAY_US, now_us
from tiefen.ledger.batch import Batch, GroupCard, Profile
from tiefen.ledger.facts import GroupCreated, Id
from tiefen.ledger.schema.playbooks import playbook_openings

NOTE = {
    "key": "note", "when": {"when": "week", "weekdays": [1, 2, 3, 4, 5, 6, 7]}, "at": "12:00",
    "block": {"kind": "note", "what": "问好", "words": "大家好"},
}  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brand]:
    """Three groups of one member of staff: two for offers, one of another kind."""
    with opened(tmp_path_factory.mktemp("firm") / "data") as brand:
        give_token(brand.ledger, "main", "a-token-for-tests")
        facts = [
            GroupCreated(happened_us=now_us() - 9 * DAY_US, source_id=f"c{group}", group=group,
                         owner=Id("staff_userid", "xiren"))
            for group in ("w1", "w2", "poets")
        ]  # fmt: skip
        cards = [GroupCard("w1", "福利一群"), GroupCard("w2", "福利二群"), GroupCard("poets", "海棠诗社")]
        people = [Profile(Id("staff_userid", key), name=key, staff=True) for key in ("xiren", "qingwen")]
        brand.ledger.append(Batch("main", "scene", facts, profiles=people, groups=cards))
        yield brand


@pytest.fixture
def firm(house: Brand) -> Brand:
    return cleared(house)


@pytest.fixture
def client(firm: Brand) -> TestClient:
    return firm.machine()


def made(client: TestClient, *blocks: dict[str, Any], **more: Any) -> str:
    book = {"name": "每日问好", "holdout": 0, "blocks": list(blocks or (NOTE,))} | more
    answered = client.post("/api/playbooks", json={"playbook": book})
    return str(got(answered, 201)["campaign_id"])


def running(client: TestClient, one: str, *groups: int, **more: Any) -> None:
    got(client.post(f"/api/playbooks/{one}/assign", json={"groups": list(groups)} | more))
    got(client.post(f"/api/playbooks/{one}/state", json={"state": "running"}))


def tomorrow(brand: Brand) -> int:
    """Noon of the next day in Shanghai, after everything that was due was opened."""
    day = (datetime.now(UTC) + timedelta(hours=8)).date() + timedelta(days=1)
    noon = int(datetime(day.year, day.month, day.day, 4, tzinfo=UTC).timestamp()) * 1_000_000
    turning.turn(brand.ledger, brand.settings, "main", now_us())
    turning.turn(brand.ledger, brand.settings, "main", noon)
    return noon


def test_the_catalogue_tells_everything_the_editor_needs(client: TestClient) -> None:
    told = got(client.get("/api/playbooks/catalogue"))

    assert len(told["blocks"]) == 16
    assert {one["key"] for one in told["ready"]} == {"flash", "red_packet", "sharing", "reserve", "growth", "welfare"}
    red = next(one for one in told["blocks"] if one["kind"] == "red_packet")
    assert red["schema"]["properties"]["amount_fen"]["widget"] == "money"
    assert red["defaults"]["packets"] == 20
    assert [act["key"] for act in red["acts"]] == ["tease", "send", "talk"]
    assert all(one["zh"] and one["en"] for one in (*told["blocks"], *told["personas"], *told["group_kinds"]))


def test_a_ready_playbook_is_copied_assigned_by_kind_and_becomes_tasks(firm: Brand, client: TestClient) -> None:
    one = got(client.post("/api/playbooks/from-ready", json={"ready": "welfare"}), 201)["campaign_id"]
    seen = got(client.post(f"/api/playbooks/{one}/assign", json={"same_kind": True, "preview": True}))
    begun = got(
        client.post(f"/api/playbooks/{one}/assign", json={"same_kind": True, "staff": {"assistant": "qingwen"}})
    )
    got(client.post(f"/api/playbooks/{one}/state", json={"state": "running"}))

    tomorrow(firm)

    assert [group["name"] for group in seen["groups"]] == ["福利一群", "福利二群"]
    assert seen["tasks"] > 40
    assert {row["staff"] for row in seen["by_staff"]} == {"xiren"}
    assert begun["begun"] == [number_of(firm.ledger, name) for name in ("w1", "w2")]
    (listed,) = got(client.get("/api/playbooks"))["items"]
    assert (listed["name"], listed["runs"], listed["state"]) == ("福利群固定福利日", {"running": 2}, "running")
    assert listed["blocks"]["planned"] > 10


def test_same_kind_means_what_was_said_and_the_name_only_where_nothing_was(firm: Brand, client: TestClient) -> None:
    first, second, poets = (number_of(firm.ledger, name) for name in ("w1", "w2", "poets"))
    got(client.post("/api/groups/kind", json={"groups": [poets], "kind": "welfare"}))
    got(client.post("/api/groups/kind", json={"groups": [first], "kind": "growth"}))
    one = got(client.post("/api/playbooks/from-ready", json={"ready": "welfare"}), 201)["campaign_id"]

    begun = got(client.post(f"/api/playbooks/{one}/assign", json={"same_kind": True}))

    assert begun["begun"] == sorted((second, poets))


def test_the_matrix_shows_what_is_planned_open_late_and_done(firm: Brand, client: TestClient) -> None:
    one, group = made(client), number_of(firm.ledger, "w1")
    running(client, one, group)
    noon = tomorrow(firm)
    (task,) = got(client.get("/api/tasks", params={"campaign": one}))["items"][-1:]
    states = []
    for now, act in ((noon + DAY_US // 24, False), (noon + DAY_US // 24, True)):
        if act:
            got(client.post("/api/tasks/move", json={"ids": [task["task_id"]], "do": "done"}))
        tasks.turn(firm.ledger, firm.settings, "main", now)
        turning.turn(firm.ledger, firm.settings, "main", now)
        (row,) = got(client.get(f"/api/playbooks/{one}/matrix"))["rows"]
        states.append({cell["day"]: cell["state"] for cell in row["cells"]})

    day = task["step"].split("@")[1]
    assert task["say"]["text"] == "大家好"
    assert (states[0][day], states[1][day]) == ("late", "done")
    assert set(states[1].values()) >= {"planned", "done"}
    assert row["name"] == "福利一群"


def test_a_block_is_moved_and_skipped_from_the_matrix(firm: Brand, client: TestClient) -> None:
    one, group = made(client), number_of(firm.ledger, "w1")
    running(client, one, group)
    turning.turn(firm.ledger, firm.settings, "main", now_us())
    cells = got(client.get(f"/api/playbooks/{one}/matrix"))["rows"][0]["cells"]
    moved, skipped = cells[3], cells[4]
    to = moved["begins_us"] + 3 * DAY_US // 24

    about = {"groups": [group], "block": "note"}
    got(client.post(f"/api/playbooks/{one}/block", json=about | {"day": moved["day"], "do": "move", "begins_us": to}))
    got(
        client.post(f"/api/playbooks/{one}/block", json=about | {"day": skipped["day"], "do": "skip", "reason": "放假"})
    )

    after = {c["day"]: c for c in got(client.get(f"/api/playbooks/{one}/matrix"))["rows"][0]["cells"]}
    assert (after[moved["day"]]["begins_us"], after[moved["day"]]["moved"]) == (to, True)
    assert (after[skipped["day"]]["state"], after[skipped["day"]]["reason"]) == ("skipped", "放假")
    refused(
        client.post(f"/api/playbooks/{one}/block", json=about | {"day": skipped["day"], "do": "skip"}), 409,
        "block_not_planned",
    )  # fmt: skip


def test_of_two_operators_who_edit_the_second_is_told(client: TestClient) -> None:
    one = made(client)
    book = got(client.get(f"/api/playbooks/{one}"))["playbook"]

    saved = got(client.put(f"/api/playbooks/{one}", json={"playbook": book | {"name": "早安"}, "version": 1}))

    assert (saved["name"], saved["version"]) == ("早安", 2)
    refused(client.put(f"/api/playbooks/{one}", json={"playbook": book, "version": 1}), 409, "playbook_outdated")


def test_groups_are_paused_resumed_and_ended(firm: Brand, client: TestClient) -> None:
    one, (a, b) = made(client), [number_of(firm.ledger, name) for name in ("w1", "w2")]
    running(client, one, a, b)
    turning.turn(firm.ledger, firm.settings, "main", now_us())

    got(client.post(f"/api/playbooks/{one}/groups", json={"groups": [a], "do": "pause"}))
    got(client.post(f"/api/playbooks/{one}/groups", json={"groups": [b], "do": "end"}))
    got(client.post(f"/api/playbooks/{one}/groups", json={"groups": [a], "do": "staff", "staff": {"host": "qingwen"}}))

    rows = {row["group"]: row for row in got(client.get(f"/api/playbooks/{one}/matrix"))["rows"]}
    assert (rows[a]["state"], rows[b]["state"]) == ("paused", "ended")
    assert rows[a]["staff"] == {"host": "qingwen"}
    assert {cell["state"] for cell in rows[b]["cells"]} == {"skipped"}


def test_the_record_tells_how_often_and_with_what_effect(firm: Brand, client: TestClient) -> None:
    one = made(client)
    running(client, one, number_of(firm.ledger, "w1"))
    tomorrow(firm)
    with firm.ledger.write() as connection:
        past = now_us() - 5 * DAY_US
        connection.execute(
            sa.update(playbook_openings)
            .where(playbook_openings.c.state == "open")
            .values(begins_us=past, over_us=past + DAY_US // 24)
        )

    measured = got(client.post("/api/playbooks/measure"))
    (block,) = got(client.get(f"/api/playbooks/{one}/record"))["blocks"]

    assert measured["measured"] == 2
    assert block["states"]["open"] >= 1
    assert [one["key"] for one in block["here"]["outcomes"]] == ["messages", "speakers", "leavers", "orders"]
    assert {one["verdict"] for one in block["here"]["outcomes"]} == {"cannot_tell"}
    assert block["everywhere"]["held"] >= 1


def test_bad_playbooks_are_refused_with_their_place(firm: Brand, client: TestClient) -> None:
    def wrong(**more: Any) -> dict[str, Any]:
        return dict(client.post("/api/playbooks", json={"playbook": {"name": "x"} | more}).json())

    assert wrong(blocks=[NOTE | {"at": "25:00"}])["facts"]["block"] == "blocks[0].at"
    assert wrong(blocks=[NOTE | {"block": {"kind": "party"}}])["code"] == "bad_playbook"
    assert "same key" in wrong(blocks=[NOTE, NOTE])["message"]
    assert wrong(surprise=1)["code"] == "bad_playbook"
    assert wrong(name="a\0b")["code"] == "bad_playbook"
    one = made(client)
    refused(client.post(f"/api/playbooks/{one}/assign", json={}), 400, "bad_playbook")
    refused(client.post(f"/api/playbooks/{one}/assign", json={"groups": [999]}), 409, "groups_not_here")
    refused(client.post("/api/playbooks/from-ready", json={"ready": "party"}), 400, "unknown_key")
    refused(client.get("/api/playbooks/nothing"), 404, "playbook_not_found")
    got(client.post(f"/api/playbooks/{one}/state", json={"state": "stopped"}))
    refused(client.post(f"/api/playbooks/{one}/state", json={"state": "running"}), 409, "playbook_ended")


def test_a_draft_shows_its_calendar_before_it_is_kept(client: TestClient) -> None:
    days = got(client.post("/api/playbooks/check", json={"playbook": {"name": "x", "days": 5, "blocks": [NOTE]}}))[
        "days"
    ]

    assert len(days) == 5
    assert {day["block"] for day in days} == {"note"}


def test_another_company_sees_nothing_of_it(firm: Brand, client: TestClient) -> None:
    one = made(client)
    stranger = firm.machine(another_company(firm.ledger))

    assert got(stranger.get("/api/playbooks"))["items"] == []
    refused(stranger.get(f"/api/playbooks/{one}/matrix"), 404, "playbook_not_found")
    refused(stranger.post(f"/api/playbooks/{one}/groups", json={"groups": [1], "do": "end"}), 404, "playbook_not_found")
