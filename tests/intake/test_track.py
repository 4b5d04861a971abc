"""The tracking wire: what systems send, what they are told, and what is then kept."""

from __future__ import annotations

import base64
import gzip
import json
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import CORP
from tests.intake.scenes import Shop, track
from tiefen.kit.clock import from_us
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import write_keys


@pytest.fixture
def shop(ledger: Ledger) -> Shop:
    return Shop(ledger)


# ---- the six calls and the batch --------------------------------------------------------------------


def test_a_tracked_event_is_answered_with_200_and_kept_with_who_what_and_when(shop: Shop) -> None:
    answer = shop.post("track", track("Tasted", properties={"tea": "龙井", "value": 12.5}, messageId="m1"))

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    (fact,) = shop.kept()
    assert (fact.kind, fact.source_id, fact.body["name"], fact.body["value_fen"]) == (
        "event.tracked",
        "m1",
        "Tasted",
        1250,
    )
    assert json.loads(fact.body["properties"]) == {"tea": "龙井", "value": 12.5}


def test_identify_makes_a_profile_and_no_fact_holds_a_trait(shop: Shop) -> None:
    shop.post("identify", {"userId": "u1", "traits": {"name": "林黛玉", "email": "dai@yu.org", "city": "苏州"}})

    person = shop.person("user_id", "u1")
    assert shop.profile(person) == ("林黛玉", {"email": "dai@yu.org", "city": "苏州"})
    assert shop.person("email", "dai@yu.org") == person
    assert "黛玉" not in "".join(str(fact.body) for fact in shop.kept())


def test_page_and_screen_are_views_without_the_query_of_the_address(shop: Shop) -> None:
    shop.post("page", {"userId": "u", "properties": {"path": "/tea?name=secret#x", "referrer": "https://a.b/c?d"}})
    shop.post("screen", {"userId": "u", "name": "Cart"})

    page, screen = shop.kept("page.viewed")
    assert (page.body["page"], page.body["referrer"]) == ("/tea", "a.b")
    assert (screen.body["page"], screen.body["screen"]) == ("Cart", True)


def test_group_is_a_join_that_counts_once_however_often_it_is_said(shop: Shop) -> None:
    for _ in range(3):
        shop.post("group", {"userId": "u", "groupId": "g1", "traits": {"name": "诗社"}})

    assert [fact.kind for fact in shop.kept("member.joined")] == ["member.joined"]


def test_alias_makes_a_visitor_and_a_user_one_person(shop: Shop) -> None:
    shop.post("track", {"event": "Seen", "anonymousId": "visitor"})
    shop.post("alias", {"previousId": "visitor", "userId": "黛玉"})

    assert shop.person("anonymous_id", "visitor") == shop.person("user_id", "黛玉")


def test_a_batch_keeps_each_call_and_merges_the_outer_context_into_it(shop: Shop) -> None:
    outer = {"campaign": {"source": "小红书"}}
    shop.post("batch", {"context": outer, "batch": [{"type": "page", "userId": "u", "name": "a"}, track()]})

    page, _ = shop.kept()
    assert page.body["source"] is not None


@pytest.mark.parametrize("path", ["t", "b", "import"])
def test_the_short_and_old_addresses_of_browser_libraries_work(shop: Shop, path: str) -> None:
    call = track() if path == "t" else {"batch": [track()]}

    assert shop.post(path, call).status_code == 200
    assert len(shop.kept()) == 1


def test_orders_and_messages_become_facts_of_their_own_kind(shop: Shop) -> None:
    lines = [{"sku": "tea", "price": "19.90", "quantity": 2}]
    shop.post("track", track("Order Completed", properties={"order_id": "A1", "total": "39.80", "products": lines}))
    shop.post("track", track("Message Posted", properties={"group_id": "g", "text": "加微信领红包"}, messageId="w"))

    order, said = shop.kept("order.paid", "message.posted")
    assert (order.body["amount_fen"], order.body["lines"]) == (3980, [{"sku": "tea", "qty": 2, "amount_fen": 3980}])
    assert (said.body["length"], said.body["advert_score"] > 0) == (6, True)
    assert "红包" not in str(said.body)


def test_external_ids_in_the_context_are_ids_of_the_same_person(shop: Shop) -> None:
    ids = [{"id": "ou_1", "type": "wechat_unionid", "collection": "users", "encoding": "none"}]
    shop.post("track", track(context={"externalIds": ids}))

    assert shop.person("unionid", "ou_1") == shop.person("user_id", "黛玉")


# ---- who may ----------------------------------------------------------------------------------------


def test_the_key_may_come_by_basic_with_or_without_colon_or_in_the_body(shop: Shop) -> None:
    plain = base64.b64encode(shop.key.encode()).decode()
    answers = [
        shop.client.post("/v1/track", json=track(messageId="1"), headers={"Authorization": f"Basic {plain}"}),
        shop.client.post("/v1/track", json=track(messageId="2", writeKey=shop.key)),
        shop.client.post(
            "/v1/track", json=track(messageId="3", writeKey=shop.key), headers={"Authorization": "Bearer oauth"}
        ),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(shop.kept()) == 3


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic !!!"}, {"Authorization": "Basic d3Jvbmc6"}])
def test_without_a_known_key_nothing_is_kept_and_the_answer_has_code_and_message(
    shop: Shop, header: dict[str, str]
) -> None:
    answer = shop.client.post("/v1/track", json=track(), headers=header)

    assert answer.status_code == 401
    assert {"code", "message"} <= answer.json().keys()
    assert (shop.kept(), shop.refused()) == ([], [])


def test_a_revoked_key_is_refused_within_seconds(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiefen.intake.track.http._KEYS_KEPT", 0.0)
    assert shop.post("track", track()).status_code == 200
    with shop.ledger.write() as connection:
        connection.execute(sa.update(write_keys).where(write_keys.c.write_key == shop.key).values(revoked_us=1))

    assert shop.post("track", track()).status_code == 401


def test_two_companies_keep_apart_what_has_the_same_ids(ledger: Ledger) -> None:
    ledger.ensure_corp("xiyou")
    ours, theirs = Shop(ledger), Shop(ledger, "xiyou")
    for one in (ours, theirs):
        one.post("track", track(messageId="same"))

    assert [len(one.kept()) for one in (ours, theirs)] == [1, 1]
    assert ours.person("user_id", "黛玉") != theirs.person("user_id", "黛玉")


def test_a_browser_may_ask_beforehand_and_fetch_its_settings(shop: Shop) -> None:
    asked = shop.client.options(
        "/v1/b", headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    )
    settings = shop.client.get(f"/v1/projects/{shop.key}/settings")

    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, "*")
    assert {"authorization", "content-type", "x-retry-count"} <= set(
        asked.headers["access-control-allow-headers"].split(", ")
    )
    assert "Segment.io" in settings.json()["integrations"]
    assert shop.client.get("/v1/projects/nobody/settings").status_code == 404


# ---- how it may come --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type", ["text/plain", "text/plain;charset=UTF-8", "application/json; charset=utf-8", ""]
)
def test_the_content_type_does_not_matter(shop: Shop, content_type: str) -> None:
    assert shop.post("track", track(), **{"Content-Type": content_type}).status_code == 200
    assert len(shop.kept()) == 1


def test_gzip_and_deflate_are_undone_and_a_chinese_encoding_is_read(shop: Shop) -> None:
    body = json.dumps(track(messageId="1")).encode()
    chinese = json.dumps(track("看了", messageId="3"), ensure_ascii=False).encode("gb18030")
    statuses = [
        shop.post("track", gzip.compress(body), **{"Content-Encoding": "gzip"}).status_code,
        shop.post("track", zlib.compress(body.replace(b'"1"', b'"2"')), **{"Content-Encoding": "deflate"}).status_code,
        shop.post("track", chinese, **{"Content-Type": "application/json; charset=gb18030"}).status_code,
    ]

    assert statuses == [200, 200, 200]
    assert [fact.body["name"] for fact in shop.kept()] == ["Seen", "Seen", "看了"]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {}), (b"{", {}), (b"[]", {}), (b"42", {}), (b'"text"', {}), (b"\xff\xfe\x00", {}),
        (b'{"batch": 7}', {}), (b"{}" * 9, {}), (b"[" * 100_000, {}),
        (b"not gzip", {"Content-Encoding": "gzip"}), (gzip.compress(b"{}", mtime=0)[:-9], {"Content-Encoding": "gzip"}),
        (b"{}", {"Content-Encoding": "br"}), (b"{}", {"Content-Type": "application/json; charset=klingon"}),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_400_with_code_and_message(
    shop: Shop, body: bytes, headers: dict[str, str]
) -> None:
    answer = shop.post("batch", body, **headers)

    assert answer.status_code == 400
    assert {"code", "message"} <= answer.json().keys()
    assert shop.kept() == []


def test_a_zip_bomb_and_an_endless_body_are_refused_before_they_are_unpacked(shop: Shop) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    began = time.process_time()

    packed = shop.post("batch", bomb, **{"Content-Encoding": "gzip"})
    endless = shop.client.post("/v1/batch", content=(b" " * 65_536 for _ in range(10_000)), auth=(shop.key, ""))

    assert [packed.status_code, endless.status_code] == [400, 400]
    assert time.process_time() - began < 5


def test_a_batch_as_large_as_the_python_library_sends_is_taken(shop: Shop) -> None:
    calls = [track(messageId=str(n), properties={"pad": "x" * 4_600}) for n in range(100)]
    body = json.dumps({"batch": calls}).encode()
    assert 470_000 < len(body) < 500_000

    assert shop.post("batch", body).status_code == 200
    assert len(shop.kept()) == 100


# ---- the same again, late, early ----------------------------------------------------------------------


def test_a_message_id_counts_once_and_resending_is_answered_with_200(shop: Shop) -> None:
    batch = {"batch": [track(messageId="a"), track(messageId="a"), track(messageId="b")]}

    statuses = [shop.post("batch", batch).status_code for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert [fact.source_id for fact in shop.kept()] == ["a", "b"]


def test_without_a_message_id_the_same_content_counts_once(shop: Shop) -> None:
    call = track(timestamp="2026-05-01T00:00:00Z", properties={"n": 1})
    for _ in range(2):
        shop.post("track", call)

    assert len(shop.kept()) == 1


def test_a_wrong_clock_is_corrected_by_when_it_sent(shop: Shop) -> None:
    slow = datetime.now(UTC) - timedelta(days=400)
    shop.post("track", track(timestamp=(slow - timedelta(hours=2)).isoformat(), sentAt=slow.isoformat()))

    (fact,) = shop.kept()
    assert abs(from_us(fact.happened_us) - (datetime.now(UTC) - timedelta(hours=2))) < timedelta(minutes=1)


def test_an_event_that_is_late_by_days_keeps_its_time(shop: Shop) -> None:
    late = datetime.now(UTC) - timedelta(days=9)
    shop.post("track", track(timestamp=late.isoformat(), sentAt=datetime.now(UTC).isoformat()))

    assert abs(from_us(shop.kept()[0].happened_us) - late) < timedelta(seconds=1)


@pytest.mark.parametrize("when", ["tomorrow", "1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", 1e30, ["x"], {"a": 1}])
def test_a_time_that_cannot_be_is_refused_and_kept_to_be_looked_at(shop: Shop, when: Any) -> None:
    answer = shop.post("batch", {"batch": [track(messageId="bad", timestamp=when), track(messageId="good")]})

    assert answer.status_code == 200
    assert [fact.source_id for fact in shop.kept()] == ["good"]
    assert [code for code, _ in shop.refused()] == ["bad_time"]


# ---- what is refused, event by event ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("text", "not_an_object"), ({"userId": "u"}, "unknown_type"), ({"type": "dance", "userId": "u"}, "unknown_type"),
        ({"type": "track", "event": "x"}, "no_id"), (track(user="x" * 600), "no_id"), (track(event=""), "no_event_name"),
        ({"type": "track", "userId": "u"}, "no_event_name"), (track(messageId="x" * 101), "bad_message_id"),
        ({"type": "group", "userId": "u"}, "no_group_id"), (track(properties=[1]), "not_an_object"),
        ({"type": "alias", "userId": "u"}, "no_id"), (track(user="null"), "blocked_id"),
        (track(properties={"pad": "x" * 33_000}), "too_large"),
        (track(properties={str(n): 0 for n in range(10_001)}), "too_many_properties"),
        (track("Order Completed", properties={"total": 1}), "missing_field"),
        (track("Message Posted", properties={"text": "no group"}), "missing_field"),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_kept_is_refused_with_a_code_and_its_neighbours_are_kept(
    shop: Shop, call: Any, code: str
) -> None:
    answer = shop.post("batch", {"batch": [track(messageId="before"), call, track(messageId="after")]})

    assert answer.status_code == 200
    assert [fact.source_id for fact in shop.kept()] == ["before", "after"]
    assert [refused for refused, _ in shop.refused()] == [code]


def test_the_same_refused_call_again_is_one_row(shop: Shop) -> None:
    for _ in range(3):
        shop.post("track", {"event": "x", "messageId": "again"})

    assert [code for code, _ in shop.refused()] == ["no_id"]


def test_calls_beyond_the_most_a_batch_may_hold_are_refused_one_by_one(shop: Shop) -> None:
    shop.post("batch", {"batch": [track(messageId=str(n)) for n in range(2_503)]})

    assert shop.ledger.facts(CORP) == 2_500
    assert [code for code, _ in shop.refused()] == ["too_many_events"] * 3


def test_a_strict_key_says_400_and_keeps_nothing_where_one_call_is_refused(ledger: Ledger) -> None:
    shop = Shop(ledger, strict=True)

    answer = shop.post("batch", {"batch": [track(), {"type": "track", "event": "x"}]})

    assert (answer.status_code, answer.json()["code"]) == (400, "no_id")
    assert shop.kept() == []


def test_when_too_much_waits_for_the_disk_the_caller_is_asked_to_come_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiefen.intake.track.http._DEEPEST", -1)

    answer = shop.post("track", track())

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert {"code", "message"} <= answer.json().keys()


def test_hostile_text_is_kept_as_text_or_refused_and_never_breaks_anything(shop: Shop) -> None:
    body = (
        b'{"batch": [{"type":"track","userId":"nul\\u0000id","event":"nul\\u0000","messageId":"m\\u0000"},'
        b'{"type":"track","userId":"\\ud800lone","event":"lone\\udfff"},'
        b'{"type":"identify","userId":"h","traits":{"name":"<script>alert(1)</script>","big":1e999}},'
        b'{"type":"track","userId":"n","event":"huge","properties":{"n":123456789012345678901234567890}}]}'
    )

    assert shop.post("batch", body).status_code in {200, 400}
    fine = shop.post("identify", {"userId": "h", "traits": {"name": "<b>黛玉</b>"}})
    assert fine.status_code == 200
    assert shop.profile(shop.person("user_id", "h"))[0] == "<b>黛玉</b>"


# ---- anything at all ----------------------------------------------------------------------------------

_scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=12)
_json = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_ids = st.sampled_from(["u1", "黛玉", "null", "", "0"]) | _scalars
_calls = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["track", "identify", "page", "screen", "group", "alias"]) | _scalars,
        "userId": _ids, "anonymousId": _ids, "previousId": _ids, "groupId": _ids, "messageId": _ids,
        "event": st.sampled_from(["Message Posted", "Member Joined", "Member Left", "Order Completed", "Order Refunded",
                                  "Contact Added", "Link Clicked", "Code Scanned", "Group Created", "x"]) | _scalars,
        "timestamp": st.sampled_from(["2026-05-01T00:00:00Z", 1_777_000_000]) | _scalars, "sentAt": _scalars,
        "traits": _json, "context": _json,
        "properties": _json | st.fixed_dictionaries({}, optional={
            "group_id": _ids, "text": _json, "mentions": _json, "reply_to": _ids, "order_id": _ids, "total": _scalars,
            "products": _json, "link": _json, "code": _json, "invited_by": _ids, "owner_id": _ids, "via": _json,
        }),
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Ledger.open(Settings(data=tmp_path_factory.mktemp("fuzzed"))) as opened:
        opened.ensure_corp(CORP)
        yield Shop(opened)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_calls | _json, max_size=4))
def test_whatever_comes_is_kept_or_refused_and_answered(fuzzed: Shop, calls: list[Any]) -> None:
    try:
        body = json.dumps({"batch": calls}).encode("utf-8", "surrogatepass")
    except ValueError:
        return

    answer = fuzzed.post("batch", body)

    assert answer.status_code in {200, 400}
    assert fuzzed.post("track", track(messageId="still here")).status_code == 200
