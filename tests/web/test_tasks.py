"""The inbox: whose tasks, what becomes of them, who has how much, and complaints that are followed until they are closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from tests.web.scenes import Brand, all_pages, another_company, give_token, got, number_of, opened, refused, said
from tests.web.staffed import cleared
from tiefen.act import tasks
from tiefen.act.message import Message
from tiefen.act.tasks import Task
from tiefen.kit.clock import DAY_US, now_us
from tiefen.ledger.batch import Batch, GroupCard, Profile
from tiefen.ledger.facts import GroupCreated, Id
from tiefen.ledger.schema.touches import campaigns, proposals

NOW = now_us()
HOUR = DAY_US // 24


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brand]:
    """Two members of staff, a group of each, and a group of nobody."""
    with opened(tmp_path_factory.mktemp("firm") / "data") as brand:
        give_token(brand.ledger, "main", "a-token-for-tests")
        facts = [
            GroupCreated(happened_us=NOW - 9 * DAY_US, source_id=f"c{group}", group=group,
                         owner=Id("staff_userid", owner) if owner else None)
            for group, owner in (("poets", "xiren"), ("bakers", "qingwen"), ("alone", None))
        ]  # fmt: skip
        people = [
            Profile(Id("staff_userid", key), name=name, staff=True)
            for key, name in (("xiren", "袭人"), ("qingwen", "晴雯"))
        ]
        cards = [GroupCard("poets", "海棠诗社"), GroupCard("bakers", "面点群"), GroupCard("alone", "无人群")]
        brand.ledger.append(Batch("main", "scene", facts, profiles=people, groups=cards))
        brand.track(said("poets", "bajie", "快递又慢了", "2026-11-20T08:00:00Z", "m1"))
        yield brand


@pytest.fixture
def firm(house: Brand) -> Brand:
    return cleared(house)


@pytest.fixture
def client(firm: Brand) -> TestClient:
    return firm.machine()


def asked_for(brand: Brand, n: int = 3, **more: Any) -> list[str]:
    """So many tasks an hour apart, the first long due."""
    group = number_of(brand.ledger, "poets")
    usual: dict[str, Any] = {
        "kind": "marketing", "staff": "xiren", "group": group, "say": Message(text="欢迎"), "expires_us": NOW + 9 * DAY_US,
    }  # fmt: skip
    some = [
        Task(**(usual | {"task_id": f"t{k}", "title": f"第 {k} 件", "due_us": NOW + (k - 1) * HOUR} | more))
        for k in range(n)
    ]
    with brand.ledger.together() as together:
        tasks.add(together, "main", some, NOW)
    return [one.task_id for one in some]


def titles(client: TestClient, **query: Any) -> list[str]:
    return [item["title"] for item in got(client.get("/api/tasks", params=query))["items"]]


def test_tasks_come_in_order_of_their_time_a_page_at_a_time(firm: Brand, client: TestClient) -> None:
    asked_for(firm, 7)

    items = all_pages(client, "/api/tasks", limit=3)

    assert [item["title"] for item in items] == [f"第 {k} 件" for k in range(7)]
    first = items[0]
    assert (first["staff"], first["group"]["name"], first["say"]["text"]) == (
        {"userid": "xiren", "name": "袭人"}, "海棠诗社", "欢迎",
    )  # fmt: skip
    assert [items[0]["late"], items[2]["late"]] == [True, False]


def test_one_says_who_one_is_and_sees_ones_own(firm: Brand, client: TestClient) -> None:
    asked_for(firm, 1)
    asked_for(firm, 1, task_id="q", staff="qingwen", title="晴雯的")
    asked_for(firm, 1, task_id="n", staff=None, group=None, title="没人的")
    before = titles(client, whose="mine")

    got(client.put("/api/tasks/me", json={"staff": "qingwen"}))

    assert before == []
    assert titles(client, whose="mine") == ["晴雯的"]
    assert titles(client, whose="nobody") == ["没人的"]
    assert titles(client, staff="xiren") == ["第 0 件"]
    assert got(client.get("/api/tasks/board"))["me"] == "qingwen"
    refused(client.put("/api/tasks/me", json={"staff": "nobody"}), 409, "staff_not_here")


def test_several_are_done_handed_over_and_put_off_at_once(firm: Brand, client: TestClient) -> None:
    a, b, c = asked_for(firm)

    done = got(client.post("/api/tasks/move", json={"ids": [a], "do": "done", "text": "都回了"}))
    handed = got(client.post("/api/tasks/move", json={"ids": [a, b], "do": "hand", "staff": "qingwen"}))
    off = got(client.post("/api/tasks/move", json={"ids": [c], "do": "snooze", "until_us": now_us() + 2 * DAY_US}))

    assert done == {"moved": [a], "closed": {}}
    assert handed == {"moved": [b], "closed": {a: "done"}}
    assert off["moved"] == [c]
    assert titles(client, state="done") == ["第 0 件"]
    assert titles(client, staff="qingwen") == ["第 1 件"]
    told = got(client.get("/api/tasks/one", params={"task_id": a}))
    assert [(note["what"], note["text"], note["who"]) for note in told["notes"]] == [("done", "都回了", "token tests")]


def test_a_skipped_task_keeps_its_reason_and_notes_can_be_added(firm: Brand, client: TestClient) -> None:
    (a,) = asked_for(firm, 1)

    got(client.post("/api/tasks/note", params={"task_id": a}, json={"text": "先问一下店里"}))
    got(client.post("/api/tasks/move", json={"ids": [a], "do": "skip", "text": "店里没货"}))

    told = got(client.get("/api/tasks/one", params={"task_id": a}))
    assert (told["state"], told["reason"]) == ("skipped", "店里没货")
    assert [note["what"] for note in told["notes"]] == ["note", "skipped"]


def test_the_board_tells_counts_load_and_groups_without_staff(firm: Brand, client: TestClient) -> None:
    asked_for(firm, 2)

    board = got(client.get("/api/tasks/board"))

    assert [(one["userid"], one["groups"], one["waiting"]) for one in board["coverage"]["loads"]] == [
        ("xiren", 1, 2), ("qingwen", 1, 0),
    ]  # fmt: skip
    assert [one["name"] for one in board["coverage"]["alone"]] == ["无人群"]
    assert board["counts"] == [{"staff": "xiren", "kind": "marketing", "state": "opened", "times": 2}]


def test_the_board_tells_what_waits_to_be_confirmed_in_wecom(firm: Brand, client: TestClient) -> None:
    with firm.ledger.write() as connection:
        connection.execute(sa.insert(campaigns).values(
            corp_id="main", campaign_id="b1", kind="broadcast", name="周五福利", purpose="give", state="sending", body="{}",
            created_us=1, changed_us=1,
        ))  # fmt: skip
        for n in range(3):
            connection.execute(sa.insert(proposals).values(
                corp_id="main", proposal_id=f"b1:{n}", campaign_id="b1", person=n, channel="contact", purpose="give",
                content_id="c", sender="xiren", state="tasked" if n else "sent", due_us=1, expires_us=2, moved_us=NOW,
            ))  # fmt: skip

    (one,) = got(client.get("/api/tasks/board"))["to_confirm"]

    assert (one["sender"], one["name"], one["recipients"], one["kind"]) == ("xiren", "周五福利", 2, "broadcast")


def test_a_complaint_is_handed_over_once_and_followed_until_it_is_closed(firm: Brand, client: TestClient) -> None:
    body = {"title": "快递慢的抱怨", "kind": "service", "staff": "qingwen", "message": "m1",
            "group": number_of(firm.ledger, "poets")}  # fmt: skip

    first = client.post("/api/tasks", json=body)
    again = client.post("/api/tasks", json=body | {"title": "又来一次"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert got(first, 201)["task_id"] == got(again)["task_id"]
    assert titles(client, kind="service") == ["快递慢的抱怨"]
    got(client.post("/api/tasks/move", json={"ids": [got(again)["task_id"]], "do": "done", "text": "已补发"}))
    assert got(client.post("/api/tasks", json=body))["new"] is False
    assert titles(client) == []


def test_bad_input_is_refused_in_words(firm: Brand, client: TestClient) -> None:
    (a,) = asked_for(firm, 1)

    refused(client.get("/api/tasks/one", params={"task_id": "nothing"}), 404, "task_not_found")
    refused(client.post("/api/tasks/move", json={"ids": ["nothing"], "do": "done"}), 404, "task_not_found")
    refused(client.post("/api/tasks/move", json={"ids": [], "do": "done"}), 422, "not_understood")
    refused(client.post("/api/tasks/move", json={"ids": [a], "do": "eat"}), 422, "not_understood")
    refused(client.post("/api/tasks/move", json={"ids": [a], "do": "hand", "staff": "nobody"}), 409, "staff_not_here")
    refused(client.post("/api/tasks/move", json={"ids": [a], "do": "snooze", "until_us": 5}), 400, "bad_snooze")
    refused(client.get("/api/tasks", params={"after": "WzFd"}), 400, "bad_cursor")
    refused(client.post("/api/tasks", json={"title": " "}), 422, "not_understood")
    refused(client.post("/api/tasks", json={"title": "x", "group": 999}), 404, "not_found")
    refused(client.post("/api/tasks", json={"title": "x", "person": 999999}), 404, "person_not_found")
    assert titles(client) == ["第 0 件"]


def test_another_company_sees_nothing_of_it(firm: Brand) -> None:
    (a,) = asked_for(firm, 1)
    stranger = firm.machine(another_company(firm.ledger))

    assert titles(stranger) == []
    refused(stranger.get("/api/tasks/one", params={"task_id": a}), 404, "task_not_found")
    refused(stranger.post("/api/tasks/move", json={"ids": [a], "do": "done"}), 404, "task_not_found")
