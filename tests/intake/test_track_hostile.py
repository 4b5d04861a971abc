"""What nobody sends on purpose, and what somebody does: answered in words, kept apart, and never felt by the next."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.conftest import CORP
from tests.intake.scenes import Json, Shop, track
from tiefen.kit.settings import Settings
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import EventTracked, Id
from tiefen.ledger.ledger import Ledger
from tiefen.main import house


@pytest.fixture
def shop(ledger: Ledger) -> Shop:
    return Shop(ledger)


# ---- values of the wrong kind -----------------------------------------------------------------------

WRONG: list[Any] = [[], [1], {}, {"a": 1}, True, 1.5, -1, "", "\u0000", "NaN", "1e999999999", "x" * 9_000, 2**63]


@pytest.mark.stores
@pytest.mark.parametrize("field", ["type", "userId", "anonymousId", "messageId", "event", "timestamp", "sentAt"])
def test_a_field_that_holds_anything_at_all_fails_its_own_event_alone(shop: Shop, field: str) -> None:
    calls = [track(messageId=f"odd-{n}") | {field: value} for n, value in enumerate(WRONG)]

    answer = shop.post("batch", {"batch": [track(messageId="before"), *calls, track(messageId="after")]})

    assert answer.status_code == 200
    kept = [fact.source_id for fact in shop.kept("event.tracked")]
    assert (kept[0], kept[-1]) == ("before", "after")
    assert len(kept) + len(shop.refused()) == len(calls) + 2


@pytest.mark.stores
@pytest.mark.parametrize("event", ["Message Posted", "Member Joined", "Member Left", "Group Created", "Contact Added", "Contact Lost",
                                   "Link Clicked", "Code Scanned", "Order Placed", "Order Completed", "Order Refunded", "Seen"])  # fmt: skip
def test_a_property_that_holds_anything_at_all_is_left_out_or_refuses_its_event(shop: Shop, event: str) -> None:
    whole = {"group_id": "g", "order_id": "o", "total": "1", "link": "l", "code": "c", "text": "好"}
    names = [*whole, "via", "how", "by", "message_kind", "mentions", "reply_to", "invited_by", "owner_id", "staff_id", "products", "value", "topic", "group_name"]  # fmt: skip
    calls = [
        track(event, messageId=f"{name}-{n}", properties=whole | {name: value})
        for name in names
        for n, value in enumerate(WRONG)
    ]

    answer = shop.post("batch", {"batch": [*calls, track(messageId="after")]})

    assert answer.status_code == 200
    kept = {fact.source_id for fact in shop.kept() if fact.origin == "key:shop"}
    assert "after" in kept
    assert len(kept) + len(shop.refused()) == len(calls) + 1


@pytest.mark.stores
@pytest.mark.parametrize("traits", [{name: value} for name in ("name", "email", "phone", "staff") for value in WRONG])
def test_traits_that_hold_anything_at_all_make_a_profile(shop: Shop, traits: Json) -> None:
    assert shop.post("identify", {"userId": "u", "traits": traits}).status_code == 200
    assert shop.person("user_id", "u")


@pytest.mark.stores
def test_outer_ids_that_hold_anything_at_all_are_left_out(shop: Shop) -> None:
    kinds: list[Any] = ["phone", [], {}, 7, None]
    ids = [{"id": value, "type": kind} for value in WRONG for kind in kinds]
    contexts = [{"externalIds": some} for some in ([one] for one in ids)] + [{"externalIds": value} for value in WRONG]

    calls = [track(messageId=str(n), context=context) for n, context in enumerate(contexts)]
    answer = shop.post("batch", {"batch": calls})

    assert answer.status_code == 200
    assert len(shop.kept("event.tracked")) == len(calls)


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1e999999", "1e99999999999", "9" * 4_000, 1e300, "1" + "0" * 13])  # fmt: skip
def test_an_amount_that_is_none_has_no_value_and_makes_no_order(shop: Shop, amount: Any) -> None:
    order = track("Order Completed", messageId="o", properties={"order_id": "A", "total": amount})

    shop.post("batch", {"batch": [track(messageId="e", properties={"value": amount}), order]})

    (event,) = shop.kept()
    assert event.body.get("value_fen") is None
    assert [code for code, _ in shop.refused()] == ["missing_field"]


def test_lines_of_an_order_too_dear_to_be_true_still_fit_into_the_lake(shop: Shop) -> None:
    lines = [{"sku": "tea", "price": 9e12, "quantity": 9e8}, {"sku": "pot", "price": 12.5, "quantity": 2}]
    shop.post("track", track("Order Completed", properties={"order_id": "A", "products": lines}))

    (order,) = shop.kept("order.paid")
    assert order.body["amount_fen"] == 2_500
    assert shop.ledger.flush() > 0


# ---- headers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "idna", "hex", "zlib", "rot13", "utf-16"])  # fmt: skip
def test_a_charset_that_makes_no_text_of_it_is_400(shop: Shop, charset: str) -> None:
    body = b'{"batch": [{"type":"track","userId":"\\ud800+2AA-","event":"E"}]}'

    answer = shop.post("batch", body, **{"Content-Type": f"application/json; charset={charset}"})

    assert answer.status_code == 400
    assert {"code", "message"} <= answer.json().keys()


@pytest.mark.parametrize("value", ["Basic é", "Basic ====", "Basic /////w==", "Basic", "Basic   ", "basic AAAA", "Bearer x"])  # fmt: skip
def test_an_authorization_that_says_nothing_is_401(shop: Shop, value: str) -> None:
    answer = shop.client.post("/v1/track", json=track(), headers={b"Authorization": value.encode("latin-1")})

    assert answer.status_code == 401


@pytest.mark.stores
@pytest.mark.parametrize("key", ["a\0b", "k" * 500_000, "\n", ["k"], {"k": 1}, 7, True])
def test_a_write_key_that_could_not_be_one_is_401_and_not_remembered(shop: Shop, key: Any) -> None:
    assert shop.client.post("/v1/track", json=track(writeKey=key)).status_code == 401
    assert shop.post("track", track()).status_code == 200


# ---- much of little -----------------------------------------------------------------------------------


def test_a_large_shared_context_is_not_multiplied_by_the_events_that_share_it(shop: Shop) -> None:
    shared = {"campaign": {"source": "x" * 480_000}}

    began = time.process_time()
    answer = shop.post("batch", {"context": shared, "batch": [{"userId": "u"} for _ in range(2_500)]})

    assert answer.status_code == 200
    assert time.process_time() - began < 5
    assert max(len(json.dumps(raw)) for _, raw in shop.refused()) < 1_000


@pytest.mark.parametrize("depth", [100, 900, 960, 985, 1_000, 5_000])
@pytest.mark.parametrize("where", ["properties", "traits", "context", "unheard of"])
def test_json_nested_deeply_is_kept_or_400(shop: Shop, depth: int, where: str) -> None:
    call = f'{{"type":"track","userId":"u","event":"E","{where}":{{"a":{"[" * depth}{"]" * depth}}}}}'

    answer = shop.post("batch", f'{{"batch":[{call}]}}'.encode())

    assert answer.status_code == (200 if depth < 950 else answer.status_code)
    assert answer.status_code in {200, 400}
    assert len(shop.kept()) == (answer.status_code == 200)


# ---- without an id --------------------------------------------------------------------------------------


def test_what_comes_without_id_and_time_counts_each_time_it_comes_except_an_order(shop: Shop) -> None:
    for _ in range(2):
        shop.post("track", track("Signed In"))
        shop.post("track", track("Order Completed", properties={"order_id": "A", "total": 1}))
        time.sleep(0.001)

    assert len(shop.kept("event.tracked")) == 2
    assert len(shop.kept("order.paid")) == 1


def test_whoever_stops_waiting_for_the_disk_does_not_stop_the_writer(ledger: Ledger) -> None:
    def event(n: int) -> Batch:
        fact = EventTracked(happened_us=n, source_id=str(n), person=Id("user_id", "u"), name="Seen")
        return Batch(CORP, "key:shop", [fact])

    with ledger.write():
        gone = [ledger.submit(event(n)) for n in range(5)]
        cancelled = [one.cancel() for one in gone]

    assert ledger.append(event(9)).accepted == 1
    assert cancelled == [False] * 5
    assert ledger.facts() == 6


# ---- the whole house ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, TestClient]]:
    with house(Settings(data=tmp_path_factory.mktemp("house")), work=False) as home:
        yield Shop(home.ledger, "main"), TestClient(home.app, raise_server_exceptions=False)


def test_through_the_whole_house_an_event_is_kept_and_an_unknown_address_is_404(
    open_house: tuple[Shop, TestClient],
) -> None:
    shop, client = open_house

    assert client.post("/v1/track", json=track(messageId="in the house"), auth=(shop.key, "")).json() == {
        "success": True
    }
    assert client.post("/v1/nothing", json={}, auth=(shop.key, "")).status_code in {404, 405}
    assert client.get("/v1/track").status_code in {404, 405}
    assert "in the house" in {fact.source_id for fact in shop.kept()}


_scalars = st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9)  # fmt: skip
_anything = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6
)  # fmt: skip
_field = st.sampled_from(["type", "userId", "anonymousId", "previousId", "groupId", "messageId", "event", "timestamp", "sentAt",
                          "traits", "context", "properties", "integrations", "originalTimestamp"])  # fmt: skip
_property = st.sampled_from(["group_id", "text", "mentions", "reply_to", "order_id", "total", "products", "link", "code", "via", "how",
                             "by", "value", "email", "phone", "name", "path", "referrer", "message_kind", "staff_id"])  # fmt: skip
_own = st.sampled_from(["Message Posted", "Member Joined", "Member Left", "Order Completed", "Order Refunded", "Contact Added",
                        "Contact Lost", "Link Clicked", "Code Scanned", "Group Created", "Group Dismissed", "Seen"])  # fmt: skip
_well_formed = st.builds(
    lambda kind, event, properties: {"type": kind, "userId": "u", "groupId": "g", "previousId": "p", "event": event, "properties": properties},
    st.sampled_from(["track", "identify", "page", "screen", "group", "alias"]), _own, st.dictionaries(_property, _anything, max_size=5),
)  # fmt: skip
_spoiled = st.builds(
    lambda call, spoil: {**call, **spoil}, _well_formed, st.dictionaries(_field, _anything, max_size=2)
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.dictionaries(st.sampled_from(["batch", "context", "sentAt", "integrations", "x"]), _anything),
    st.lists(_spoiled, max_size=5),
)
def test_each_call_of_any_batch_is_a_fact_a_profile_or_a_reject_or_the_whole_is_400(
    open_house: tuple[Shop, TestClient], outer: Json, calls: list[Json]
) -> None:
    shop, client = open_house
    before, seen = shop.ledger.facts("main"), len(shop.refused())
    calls = [{**call, "messageId": call.get("messageId", f"{time.time_ns()}-{n}")} for n, call in enumerate(calls)]

    answer = client.post("/v1/batch", json={**outer, "batch": calls}, auth=(shop.key, ""))

    assert answer.status_code in {200, 400}, answer.text
    facts, refused = shop.ledger.facts("main") - before, len(shop.refused()) - seen
    if answer.status_code == 400:
        assert {"code", "message"} <= answer.json().keys()
        assert (facts, refused) == (0, 0)
    assert refused <= len(calls)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=400) | _anything.map(lambda value: json.dumps(value).encode()),
    st.sampled_from(["track", "b", "alias", "group"]),
)
def test_a_body_of_anything_is_answered_in_words(open_house: tuple[Shop, TestClient], body: bytes, path: str) -> None:
    shop, client = open_house

    answer = client.post(f"/v1/{path}", content=body, auth=(shop.key, ""))

    assert answer.status_code in {200, 400}, answer.text
    assert isinstance(answer.json(), dict)
