"""The door WeCom knocks at: what is let in, what is refused in which words, and what is on disk afterwards."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.conftest import CORP
from tests.wecom.callbacks.scenes import Called, added, address, body_of, joined, until
from tests.wecom.callbacks.test_events import BOMB
from tiefen.kit.callback_crypto import CallbackCrypto, Envelope
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_events
from tiefen.wecom.callbacks import health
from tiefen.wecom.connections import disconnect
from tiefen.wecom.events import MOST_BYTES


def rows(ledger: Ledger) -> list[sa.Row[Any]]:
    with ledger.read() as connection:
        return list(connection.execute(sa.select(wecom_events).order_by(wecom_events.c.seq)))


def kept(app: Called) -> list[str]:
    return [row.raw for row in rows(app.ledger)]


def refused(app: Called) -> dict[str, int]:
    """By reason; written within a second."""
    time.sleep(0.01)
    until(lambda: bool(health(app.ledger, CORP).refused), 5)
    return health(app.ledger, CORP).refused


# ---- the address is verified --------------------------------------------------------------------


def test_the_address_is_proved_by_the_bare_text_within(app: Called) -> None:
    envelope = app.seal("1288432023552776189")

    answer = app.client.get(app.path, params=address(envelope, echostr=envelope.encrypted))

    assert answer.status_code == 200
    assert answer.content == b"1288432023552776189"
    assert answer.headers["content-type"].startswith("text/plain")


def test_an_address_is_not_proved_to_somebody_with_another_token(app: Called) -> None:
    envelope = app.seal("123", crypto=CallbackCrypto("other", app.connection.aes_key, "ww1"))

    answer = app.client.get(app.path, params=address(envelope, echostr=envelope.encrypted))

    assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce", "echostr"])
def test_an_address_that_lacks_something_is_refused_by_its_name(app: Called, missing: str) -> None:
    envelope = app.seal("123")
    asked = address(envelope, echostr=envelope.encrypted)
    del asked[missing]

    answer = app.client.get(app.path, params=asked)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_address")
    assert missing in answer.json()["message"]


# ---- what is let in -----------------------------------------------------------------------------


@pytest.mark.stores
def test_an_event_is_on_disk_when_it_is_answered_with_nothing(app: Called) -> None:
    answer = app.call(added("wm_daiyu"))

    assert (answer.status_code, answer.content) == (200, b"")
    assert len(kept(app)) == 1 and "wm_daiyu" in kept(app)[0]


def test_the_json_variant_of_the_envelope_is_taken_too(app: Called) -> None:
    envelope = app.seal(added("wm_daiyu"))

    answer = app.post(envelope, json.dumps({"tousername": "ww1", "encrypt": envelope.encrypted, "agentid": "7"}))

    assert answer.status_code == 200
    assert len(kept(app)) == 1


@pytest.mark.stores
def test_a_redelivery_in_another_ciphertext_is_kept_once(app: Called) -> None:
    event = added("wm_daiyu")
    first, second = app.seal(event), app.seal(event)
    assert first.encrypted != second.encrypted

    assert [app.post(one).status_code for one in (first, second, first)] == [200, 200, 200]

    assert len(kept(app)) == 1
    until(lambda: health(app.ledger, CORP).again == 2)


def test_two_customers_in_one_second_are_two(app: Called) -> None:
    at = int(time.time())

    app.call(added("wm_daiyu", at=at))
    app.call(added("wm_baochai", at=at))

    assert len(kept(app)) == 2


@pytest.mark.stores
def test_many_that_come_at_once_are_all_kept_once(app: Called) -> None:
    events = [added(f"wm_{n % 40}", at=1_750_000_000) for n in range(120)]

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(app.call, events))

    assert {answer.status_code for answer in answers} == {200}
    assert sorted(kept(app)) == sorted(set(events))
    until(lambda: health(app.ledger, CORP).again == 80)


def test_an_event_is_taken_within_the_window_however_it_is_late(app: Called) -> None:
    for off in (-590, 0, 590):
        assert app.call(added(f"wm_{off}"), at=int(time.time()) + off).status_code == 200


def test_other_addresses_are_answered_by_the_rest_of_the_house(app: Called) -> None:
    assert app.client.get("/").text == "the rest of the house"


# ---- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("off", [-660, 660])
def test_a_callback_far_from_now_is_refused_and_shown_as_such(app: Called, off: int) -> None:
    answer = app.call(added("wm_daiyu"), at=int(time.time()) + off)

    assert (answer.status_code, answer.json()["code"]) == (403, "stale")
    assert kept(app) == []
    assert refused(app) == {"stale": 1}


def test_a_callback_replayed_after_the_window_is_refused(app: Called) -> None:
    envelope = app.seal(added("wm_daiyu"))
    assert app.post(envelope).status_code == 200
    app.offset[0] = 3_600

    assert app.post(envelope).json()["code"] == "stale"

    assert len(kept(app)) == 1


def _flipped(text: str) -> str:
    return text[:40] + ("A" if text[40] != "A" else "B") + text[41:]


def _resigned(app: Called, encrypted: str) -> Envelope:
    signature = app.connection.crypto.signature(stamp := str(int(time.time())), "7", encrypted)
    return Envelope(encrypted, signature, stamp, "7")


def test_a_forged_callback_is_refused_and_nothing_of_it_is_kept(app: Called) -> None:
    good = app.seal(added("wm_daiyu"))
    forged = [
        app.seal(added("wm_1"), crypto=CallbackCrypto("other", app.connection.aes_key, "ww1")),
        Envelope(_flipped(good.encrypted), good.signature, good.timestamp, good.nonce),
        Envelope(good.encrypted, good.signature, str(int(good.timestamp) + 1), good.nonce),
        Envelope(good.encrypted, good.signature, good.timestamp, good.nonce + "1"),
        Envelope(good.encrypted, good.signature.upper(), good.timestamp, good.nonce),
        Envelope(good.encrypted, "é" * 40, good.timestamp, good.nonce),
    ]

    answers = [app.post(one) for one in forged]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "bad_signature")}
    assert kept(app) == []
    assert refused(app) == {"bad_signature": len(forged)}


def test_a_callback_for_another_company_is_refused(app: Called) -> None:
    theirs = CallbackCrypto(app.connection.token, app.connection.aes_key, "ww2")

    answer = app.call(added("wm_daiyu"), crypto=theirs)

    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_receiver")
    assert kept(app) == []


def test_what_is_signed_rightly_and_sealed_wrongly_is_refused(app: Called) -> None:
    sealed = app.seal(added("wm_daiyu")).encrypted
    broken = [sealed[:-4], sealed[:44], "####", "QUJD", _flipped(sealed)[:64] + sealed[88:]]

    answers = [app.post(_resigned(app, one)) for one in broken]

    assert {answer.status_code for answer in answers} <= {400, 403}
    assert {answer.json()["code"] for answer in answers} <= {"bad_envelope", "foreign_receiver"}
    assert kept(app) == []


BODIES = {
    "nothing": b"",
    "no xml": b"\x00\xff\xfe garbage",
    "a bomb": BOMB.encode(),
    "an xml without anything sealed": b"<xml><ToUserName>ww1</ToUserName></xml>",
    "half an xml": b"<xml><Encrypt>abc",
    "a json without anything sealed": b'{"tousername": "ww1"}',
    "half a json": b'{"encrypt": "abc',
    "deep json": b'{"a":' * 5_000,
    "a json of other types": b'{"encrypt": 7}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_envelope_is_refused_in_words(app: Called, body: bytes) -> None:
    answer = app.post(app.seal(added("wm_daiyu")), body)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_envelope")
    assert kept(app) == []


def test_a_body_too_large_is_refused_before_it_is_read(app: Called) -> None:
    envelope = app.seal(added("wm_daiyu"))

    answers = [
        app.post(envelope, b"x" * (MOST_BYTES + 1)),
        app.client.post(app.path, params=address(envelope), content=(b"x" * 65_536 for _ in range(6))),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(413, "too_large")] * 2
    assert refused(app) == {"too_large": 2}


@pytest.mark.stores
@pytest.mark.parametrize(
    "content", [BOMB, "<xml>", "no xml", "", "<xml><CreateTime>7</CreateTime></xml>", "a\0b"],
    ids=["a bomb", "half", "no xml", "nothing", "no event", "NUL"],
)  # fmt: skip
def test_what_is_sealed_rightly_but_is_no_event_is_refused_and_kept_with_why(app: Called, content: str) -> None:
    answers = [app.call(content), app.call(content)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "unreadable")] * 2
    (row,) = rows(app.ledger)
    assert (row.state, row.event) == ("failed", "")
    assert "no event that can be read" in row.reason
    assert app.telling.told == []


def test_a_company_that_is_not_connected_is_not_found(app: Called) -> None:
    for corp in ("nobody", "main", "a" * 500, "%00", "..%2f"):
        assert app.client.post(f"/wecom/callback/{corp}", content=b"x").status_code == 404


def test_after_a_disconnect_nothing_is_taken_in(app: Called) -> None:
    app.call(added("wm_daiyu"))
    disconnect(app.ledger, CORP)

    answer = app.call(added("wm_baochai"))

    assert (answer.status_code, answer.json()["code"]) == (404, "not_connected")
    assert len(kept(app)) == 1


def test_a_sandbox_whose_clock_is_not_ours_is_heard_at_any_time(ledger: Ledger) -> None:
    from tests.wecom.callbacks.scenes import called

    with called(ledger, window_seconds=0) as app:
        assert app.call(added("wm_daiyu", at=1_600_000_000), at=1_600_000_000).status_code == 200


def test_a_store_that_fails_is_answered_so_that_wecom_comes_again(app: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    app.call(added("wm_daiyu"))

    def broken(*_: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as patched:
        patched.setattr("tiefen.wecom.callbacks.keeping._insert", broken)
        answer = app.call(added("wm_baochai"))

    assert (answer.status_code, answer.json()["code"]) == (503, "not_kept")
    assert app.call(added("wm_baochai")).status_code == 200
    assert len(kept(app)) == 2


def test_an_event_that_cannot_be_written_does_not_hold_up_its_neighbours(
    app: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tiefen.wecom.callbacks import keeping

    insert = keeping._insert

    def picky(connection: sa.Connection, arrivals: list[keeping.Arrival]) -> object:
        if any("poison" in one.raw for one in arrivals):
            raise ValueError("poison")
        return insert(connection, arrivals)

    monkeypatch.setattr(keeping, "_insert", picky)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(app.call, [added("poison" if n == 9 else f"wm_{n}") for n in range(24)]))

    assert sorted(answer.status_code for answer in answers) == [200] * 23 + [503]
    assert len(kept(app)) == 23


@hypothesis_settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_however_a_body_is_cut_or_altered_it_is_refused_or_is_the_same_event(app: Called, data: st.DataObject) -> None:
    event = joined("wr_poetry", "wm_daiyu", at=1_750_000_000)
    envelope = app.seal(event)
    body = body_of(envelope).encode()
    place = data.draw(st.integers(0, len(body) - 1))
    if data.draw(st.booleans()):
        altered = body[:place]
    else:
        altered = body[:place] + bytes([data.draw(st.integers(0, 255))]) + body[place + 1 :]

    answer = app.post(envelope, altered)

    assert answer.status_code in {200, 400, 403}
    if answer.status_code != 200:
        assert answer.json()["code"] in {"bad_envelope", "bad_signature"}
    assert set(kept(app)) <= {event}
