"""Broadcasts and launches over HTTP: from a draft to what became of each, and every no with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from tests.web.scenes import TOKEN, Brand, give_token, got, opened, refused, sheet
from tiefen.act import outbox
from tiefen.act.admitting import admit_due
from tiefen.act.broadcasts import proposing
from tiefen.kit.clock import DAY_US, now_us
from tiefen.ledger.batch import Batch, GroupCard, Profile
from tiefen.ledger.facts import Id, OrderPaid
from tiefen.ledger.schema import handles, wecom_contacts, wecom_staff
from tiefen.ledger.schema.touches import proposals

HELLO = '{{ name | or_else("朋友") }}，新茶到了，想看看的话回我一声'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
Shop = tuple[Brand, TestClient, dict[str, int]]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop for messages that go out."""
    with _open(tmp_path / "data") as shop:
        yield shop


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop for what is only written and refused."""
    with _open(tmp_path_factory.mktemp("desk") / "data") as shop:
        yield shop


@contextmanager
def _open(data: Path) -> Iterator[Shop]:
    """Three contacts of a member of staff, of whom one has a city, and one group. Nothing is quiet and nobody held out of everything."""
    with opened(data) as brand:
        give_token(brand.ledger, "main", TOKEN)
        brand.ledger.update_settings(
            "main", {"policy": {"holdout": 0.0, "quiet_from": "00:00", "quiet_until": "00:00", "rest": "never"}}
        )
        names = {"黛玉": {"city": "苏州"}, "悟空": {}, "八戒": {}}
        profiles = [Profile(Id("external_userid", name), name, known) for name, known in names.items()]
        groups = [GroupCard("wr1", "海棠诗社", "wecom")]
        brand.ledger.append(Batch("main", "scene", profiles=profiles, groups=groups))
        with brand.ledger.write() as connection:
            connection.execute(
                sa.insert(wecom_staff).values(
                    corp_id="main", userid="pinger", name="平儿", serves=True, seen_us=now_us()
                )
            )
            connection.execute(
                sa.insert(wecom_contacts),
                [
                    {"corp_id": "main", "userid": "pinger", "external_userid": name, "added_us": now_us() - DAY_US}
                    for name in names
                ],
            )
            persons = {
                row.id_value: row.person_id
                for row in connection.execute(sa.select(handles).where(handles.c.id_type == "external_userid"))
            }
        yield brand, brand.machine(), persons


def plan(text: str = HELLO, **more: Any) -> dict[str, Any]:
    return {
        "whom": {"type": "persons", "everyone": True}, "variants": [{"name": "A", "message": {"text": text}}],
        "holdout": 0.0, **more,
    }  # fmt: skip


def drafted(client: TestClient, name: str = "新茶", purpose: str = "give", **more: Any) -> dict[str, Any]:
    return got(client.post("/api/broadcasts", json={"name": name, "purpose": purpose, "plan": plan(**more)}))


def at(client: TestClient, one: dict[str, Any], what: str = "", **body: Any) -> Any:
    path = f"/api/broadcasts/{one['campaign_id']}"
    return client.post(f"{path}/{what}", json=body) if what else client.get(path)


def turns(brand: Brand) -> None:
    """Broadcasts and the gate take their turns until nothing is to be done."""
    while proposing.turn(brand.ledger, brand.settings, "main", now_us()):
        pass
    while admit_due(brand.ledger, brand.settings, "main", now_us()):
        pass


def moved(brand: Brand, one: dict[str, Any], state: str, **more: Any) -> None:
    """What the channel does with what was let out."""
    with brand.ledger.write() as connection:
        mine = sa.and_(proposals.c.campaign_id == one["campaign_id"], proposals.c.state == "admitted")
        many = connection.execute(sa.select(sa.func.count()).where(mine)).scalar_one()
        connection.execute(sa.update(proposals).where(mine).values(state=state, moved_us=now_us(), **more))
        step = f"run{1}"
        outbox.count(
            connection, "main",
            {(one["campaign_id"], step, "admitted", ""): -many, (one["campaign_id"], step, state, ""): many},
        )  # fmt: skip


def test_a_broadcast_goes_from_a_draft_to_everybody_and_says_what_it_brought(shop: Shop) -> None:
    brand, client, _ = shop
    draft = drafted(client)
    seen = got(at(client, draft, "preflight"))
    approved = got(at(client, draft, "approve", version=draft["version"]))
    turns(brand)
    moved(brand, draft, "delivered", sender="pinger")
    bought = OrderPaid(
        happened_us=now_us() + 1, source_id="o1", person=Id("external_userid", "黛玉"), order="o1", amount_fen=9_900
    )
    brand.ledger.append(Batch("main", "shop", [bought]))

    shown = got(at(client, draft))
    results = got(client.get(f"/api/broadcasts/{draft['campaign_id']}/results"))
    listed = got(client.get("/api/broadcasts"))["items"]
    followed = got(client.get("/api/broadcasts-brought"))["items"]

    assert followed == {draft["campaign_id"]: {"acts": 1, "people": 1, "amount_fen": 9_900}}
    assert (seen["audience"], seen["go"], seen["texts"]) == (3, 3, 3)
    assert seen["staff"] == [
        {"userid": "pinger", "name": "平儿", "recipients": 3, "tasks": 3, "tasks_personal": 3, "plain": 0}
    ]
    assert (draft["state"], approved["state"], shown["state"]) == ("draft", "approved", "sending")
    assert shown["counts"]["delivered"] == 3
    assert shown["staff"][0] | {"since": None} == {
        "userid": "pinger", "name": "平儿", "waiting": 0, "tasks": 0, "since": None, "delivered": 3, "failed": 0, "nudged": 0,
    }  # fmt: skip
    assert results["total"] == {"acts": 1, "people": 1, "amount_fen": 9_900}
    assert results["arms"] == [{"arm": "A", "told": 3, "acts": 1, "people": 1, "amount_fen": 9_900}]
    assert [(one["name"], one["counts"]["delivered"], one["audience"]) for one in listed] == [("新茶", 3, 3)]


def test_a_draft_keeps_everything_it_was_given(desk: Shop) -> None:
    _, client, persons = desk
    given = {
        "whom": {"type": "persons", "everyone": False, "segments": ["tea"], "audiences": ["a1"], "persons": [persons["黛玉"]],
                 "without_segments": ["complained"], "not_ordered_since": "2026-11-01T00:00:00Z"},
        "variants": [
            {"name": "A", "share": 3, "message": {"text": "甲", "attachments": [
                {"type": "link", "title": "茶单", "url": "https://shop.example/t", "description": "", "picture_url": ""},
                {"type": "image", "file": "a.jpg"},
                {"type": "mini_program", "title": "小店", "appid": "wx1", "page": "p", "cover": "c.jpg"},
            ]}},
            {"name": "B", "share": 1, "message": {"text": "乙", "attachments": []}},
        ],
        "goal": {"what": "click", "days": 3, "planned_orders": 10, "planned_fen": 1000},
        "when": {"kind": "at", "at": "2030-01-01T12:00:00Z"}, "sender": "pinger", "words": "one", "holdout": 0.1,
        "lasts_hours": 24, "worth_fen": 300,
    }  # fmt: skip

    made = got(client.post("/api/broadcasts", json={"name": "全部", "purpose": "sell", "plan": given}))

    assert made["plan"] == given | {"launch": None, "wave": ""}
    assert got(at(client, made))["plan"] == made["plan"]


def test_the_check_says_how_often_staff_tap_with_words_of_their_own_and_with_the_same_for_all(desk: Shop) -> None:
    _, client, _ = desk
    drafts = {words: drafted(client, words=words) for words in ("auto", "personal", "one")}

    seen = {words: got(at(client, draft, "preflight")) for words, draft in drafts.items()}

    assert {words: [(of["tasks_personal"], of["tasks"], of["plain"]) for of in one["staff"]] for words, one in seen.items()} == {
        "auto": [(3, 3, 0)], "personal": [(3, 3, 0)], "one": [(3, 1, 3)],
    }  # fmt: skip
    assert {(one["personal_taps"], tuple(one["without_plain"])) for one in seen.values()} == {(20, ())}
    refused(client.post("/api/broadcasts", json={"name": "x", "plan": plan(words="each")}), 422, "not_understood")


def test_a_recipient_tells_whether_the_words_were_their_own(shop: Shop) -> None:
    brand, client, _ = shop
    for words, own in (("auto", True), ("one", False)):
        draft = drafted(client, words=words, text=f'{{{{ name | or_else("朋友") }}}}，{words}')
        got(at(client, draft, "approve", version=draft["version"]))
        turns(brand)

        items = got(client.get(f"/api/broadcasts/{draft['campaign_id']}/recipients"))["items"]

        assert [one["own_words"] for one in items] == [own] * 3
        assert got(at(client, draft))["progress"]["plain"] == (0 if own else 3)


def test_of_two_operators_the_second_is_told_and_nothing_is_lost(desk: Shop) -> None:
    _, client, _ = desk
    draft = drafted(client)
    path = f"/api/broadcasts/{draft['campaign_id']}"
    first = client.put(path, json={"name": "一", "purpose": "give", "plan": plan(), "version": 1})
    second = client.put(path, json={"name": "二", "purpose": "give", "plan": plan(), "version": 1})

    assert got(first)["version"] == 2
    assert refused(second, 409, "campaign_changed")["version"] == 2
    assert got(client.get(path))["name"] == "一"
    refused(at(client, draft, "approve", version=1), 409, "campaign_changed")


def test_who_does_not_get_it_is_listed_with_the_reason(shop: Shop) -> None:
    brand, client, persons = shop
    draft = drafted(client, text="{{ city }}的雨停了吗")
    seen = got(at(client, draft, "preflight"))
    at(client, draft, "approve", version=1)
    turns(brand)

    path = f"/api/broadcasts/{draft['campaign_id']}/recipients"
    left_out = got(client.get(path, params={"state": "refused", "limit": 1}))
    rest = got(client.get(path, params={"state": "refused", "limit": 1, "after": left_out["next"]}))
    reasons = got(at(client, draft))["reasons"]

    assert [(one["reason"], one["times"]) for one in seen["refused"]] == [("missing_variable", 2)]
    assert seen["missing"] == [{"variable": "city", "times": 2}]
    assert {left_out["items"][0]["name"], rest["items"][0]["name"]} == {"悟空", "八戒"}
    assert rest["next"] is None
    assert left_out["items"][0]["zh"] == "文案里的变量对此人没有值，也没有替代词。"
    assert [(one["reason"], one["times"]) for one in reasons] == [("missing_variable", 2)]
    rows = sheet(client.get(f"{path}.csv", params={"state": "admitted"}))
    assert [row[0] for row in rows[1:]] == [str(persons["黛玉"])]


def test_undo_brings_it_back_and_cancel_lets_go_of_the_rest(shop: Shop) -> None:
    brand, client, _ = shop
    draft = drafted(client, text="新茶到了")
    approved = got(at(client, draft, "approve", version=1))
    turns(brand)
    undone = got(at(client, draft, "undo", version=approved["version"]))
    again = got(at(client, draft, "approve", version=undone["version"]))
    cancelled = got(at(client, draft, "cancel", version=again["version"]))

    assert (undone["state"], again["state"], cancelled["state"]) == ("draft", "approved", "cancelled")
    assert (cancelled["tasks"], cancelled["stopped"]) == (0, 0)
    refused(at(client, draft, "undo", version=cancelled["version"]), 409, "not_in_this_state")
    turns(brand)
    assert got(at(client, draft))["counts"]["admitted"] == 0


def test_what_is_with_staff_cannot_be_undone_and_reminding_needs_a_connection(shop: Shop) -> None:
    brand, client, _ = shop
    draft = drafted(client, text="新茶到了")
    approved = got(at(client, draft, "approve", version=1))
    turns(brand)
    assert got(at(client, draft, "nudge"))["tasks"] == 0
    moved(brand, draft, "tasked", sender="pinger", task_id="t1")

    assert refused(at(client, draft, "undo", version=approved["version"]), 409, "too_late_to_undo")["tasked"] == 3
    refused(at(client, draft, "nudge"), 404, "not_connected")
    shown = got(at(client, draft))["staff"][0]
    assert (shown["waiting"], shown["tasks"]) == (3, 1)


def test_words_are_checked_while_they_are_written(desk: Shop) -> None:
    _, client, _ = desk
    seen = got(
        client.post("/api/broadcasts/check", json={"message": {"text": "{{ name }}，国家级好茶"}, "purpose": "give"})
    )
    code = got(client.post("/api/broadcasts/check", json={"message": {"text": "{% if x %}"}, "channel": "group"}))

    assert seen["example"]["text"] == "黛玉，国家级好茶"
    assert [(one["check"]["key"], one["severity"]) for one in seen["findings"]] == [
        ("absolute_words", "stop"), ("variables", "warn"),
    ]  # fmt: skip
    assert (seen["findings"][0]["start"], seen["findings"][0]["quote"]) == (11, "国家级")
    assert code["example"]["text"] == "{% if x %}"
    assert [one["check"]["key"] for one in code["findings"]] == ["variables"]


def test_what_may_not_be_said_is_not_approved(desk: Shop) -> None:
    _, client, _ = desk
    draft = drafted(client, text="国家级好茶")
    assert refused(at(client, draft, "approve", version=1), 409, "copy_must_stop")["found"] == "absolute_words"


@pytest.mark.parametrize(
    ("status", "code", "body"),
    [
        (400, "bad_template", {"plan": plan("{% for x in y %}")}),
        (400, "unknown_variable", {"plan": plan("{{ secret }}")}),
        (422, "not_understood", {"plan": plan("字" * 9_000)}),
        (422, "not_understood", {"name": ""}),
        (422, "not_understood", {"plan": plan(holdout=2)}),
        (422, "not_understood", {"plan": plan(whom={"type": "everybody"})}),
        (422, "not_understood", {"plan": plan(whom={"type": "persons", "persons": [-1]})}),
        (400, "bad_plan", {"plan": plan(when={"kind": "at"})}),
        (422, "not_understood", {"plan": plan(when={"kind": "at", "at": "2026-11-01T00:00:00"})}),
        (400, "bad_plan", {"plan": plan(variants=[{"name": "A", "message": {"text": "甲"}}] * 2)}),
        (422, "not_understood", {"purpose": "spam"}),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(desk: Shop, status: int, code: str, body: dict[str, Any]) -> None:
    _, client, _ = desk
    refused(
        client.post("/api/broadcasts", json={"name": "新茶", "purpose": "give", "plan": plan()} | body), status, code
    )


def test_what_there_is_not_is_not_there(desk: Shop) -> None:
    _, client, _ = desk
    refused(client.get("/api/broadcasts/nothing"), 404, "campaign_not_found")
    refused(client.get("/api/launch-plans/nothing"), 404, "campaign_not_found")
    refused(client.get("/api/broadcasts", params={"state": "lost"}), 400, "unknown_key")
    draft = drafted(client)
    path = f"/api/broadcasts/{draft['campaign_id']}/recipients"
    refused(client.get(path, params={"after": "x"}), 400, "bad_cursor")
    refused(client.get(path, params={"state": "x"}), 400, "unknown_key")


def test_options_say_what_a_broadcast_can_be_made_of(desk: Shop) -> None:
    _, client, _ = desk
    told = got(client.get("/api/broadcast-options"))

    assert [one["name"] for one in told["groups"]] == ["海棠诗社"]
    assert told["staff"] == [{"userid": "pinger", "name": "平儿"}]
    assert {"name", "city", "staff_name"} <= {one["key"] for one in told["variables"]}
    assert len(told["checks"]) >= 10 and len(told["waves"]) == 5


def test_one_is_tried_on_somebody_before_the_others_get_it(desk: Shop) -> None:
    _, client, persons = desk
    draft = drafted(client)

    tried = got(at(client, draft, "try", variant="A", person=persons["黛玉"]))

    assert tried["proposal"].startswith(f"{draft['campaign_id']}:test:")
    assert got(at(client, draft))["counts"]["proposed"] == 0
    refused(at(client, draft, "try", variant="A"), 400, "unknown_key")
    refused(at(client, draft, "try", variant="Z", person=persons["黛玉"]), 400, "bad_plan")
    refused(at(client, draft, "try", variant="A", staff="pinger"), 404, "not_connected")


def test_a_duplicate_is_a_draft_of_its_own(desk: Shop) -> None:
    _, client, _ = desk
    draft = drafted(client)
    other = got(at(client, draft, "duplicate"))

    assert other["campaign_id"] != draft["campaign_id"]
    assert (other["name"], other["state"], other["plan"]) == ("新茶 (2)", "draft", draft["plan"])


def test_pictures_are_kept_by_what_is_in_them(desk: Shop) -> None:
    _, client, _ = desk
    first = got(client.post("/api/library", files={"file": ("../../茶 单.jpg", PNG)}))
    again = got(client.post("/api/library", files={"file": ("茶 单.png", PNG)}))

    assert first["file"] == again["file"] and first["file"].endswith("-茶单.png")
    assert [one["file"] for one in got(client.get("/api/library"))["items"]] == [first["file"]]
    shown = client.get(f"/api/library/{first['file']}")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    refused(client.get("/api/library/nothing.png"), 404, "not_found")
    refused(client.post("/api/library", files={"file": ("x.jpg", b"<script>alert(1)</script>")}), 400, "unknown_key")
    refused(client.post("/api/library", files={"file": ("x.jpg", PNG)}, data={"kind": "soul"}), 400, "unknown_key")
    refused(client.post("/api/library", files={"file": ("x.jpg", bytes(11 << 20))}), 413, "body_too_large")


# ---- launches -----------------------------------------------------------------------------------


def launched(client: TestClient, **more: Any) -> dict[str, Any]:
    opens = (datetime.now(UTC) + timedelta(days=4)).isoformat()
    body = {"name": "明前", "goods": "明前龙井", "opens_at": opens, "whom": {"type": "persons", "everyone": True}}
    return got(client.post("/api/launch-plans", json=body | {"planned_orders": 10, "price_fen": 9_900} | more))


def test_a_launch_is_planned_approved_and_shown_against_its_plan(shop: Shop) -> None:
    brand, client, persons = shop
    launch = launched(client)
    path = f"/api/launch-plans/{launch['campaign_id']}"
    approved = got(client.post(f"{path}/approve"))
    first = {"campaign_id": launch["steps"][0]["campaign_id"]}
    with brand.ledger.write() as connection:
        connection.execute(
            sa.insert(proposals).values(
                corp_id="main", proposal_id="p1", campaign_id=first["campaign_id"], step="run1", person=persons["黛玉"],
                channel="contact", purpose="give", content_id="c", arm="A", state="delivered", due_us=1, expires_us=1,
                moved_us=now_us() - 1_000_000,
            )
        )  # fmt: skip
    bought = OrderPaid(
        happened_us=now_us(), source_id="o1", person=Id("external_userid", "黛玉"), order="o1", amount_fen=9_900
    )
    brand.ledger.append(Batch("main", "shop", [bought]))

    shown = got(client.get(path))

    assert (launch["state"], approved["state"]) == ("draft", "running")
    assert [(wave["wave"], wave["planned_orders"], wave["acts"]) for wave in shown["waves"]] == [
        ("announce", 0, 1), ("questions", 0, 0), ("scroll_back", 2, 0), ("results", 7, 0), ("free_talk", 1, 0),
    ]  # fmt: skip
    assert (shown["planned_orders"], shown["planned_fen"]) == (10, 99_000)
    assert shown["total"] == {"acts": 1, "people": 1, "amount_fen": 9_900}
    assert [(one["name"], one["wave"]) for one in shown["people"]] == [("黛玉", "announce")]
    assert [(one["wave"], one["arm"], one["acts"]) for one in shown["texts"]] == [("announce", "A", 1)]
    assert [one["name"] for one in got(client.get("/api/launch-plans"))["items"]] == ["明前"]


def test_an_edited_wave_stays_in_its_launch_and_a_cancelled_launch_is_over(desk: Shop) -> None:
    _, client, _ = desk
    launch = launched(client)
    wave = got(client.get(f"/api/broadcasts/{launch['steps'][0]['campaign_id']}"))
    body = {"name": wave["name"], "purpose": "give", "plan": plan("另一种说法"), "version": 1}
    saved = got(client.put(f"/api/broadcasts/{wave['campaign_id']}", json=body))
    path = f"/api/launch-plans/{launch['campaign_id']}"
    renamed = got(client.put(path, json={"name": "雨前", "version": 1}))
    cancelled = got(client.post(f"{path}/cancel"))

    assert (saved["plan"]["launch"], saved["plan"]["wave"]) == (launch["campaign_id"], "announce")
    assert (renamed["name"], cancelled["state"]) == ("雨前", "cancelled")
    refused(client.put(path, json={"name": "谷雨", "version": 1}), 409, "campaign_changed")
    refused(client.post(f"{path}/cancel"), 409, "not_in_this_state")
    refused(client.post(f"{path}/approve"), 409, "not_in_this_state")
