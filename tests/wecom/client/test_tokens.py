"""One token a secret, and no secret in what is said about it."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.wecom.client.scenes import FakeClock, FakeWeCom, client, refusing
from tiefen.wecom.client import Shared, Unanswered, WeComError
from tiefen.wecom.client.errors import FrequencyLimited, TokenRefused, WrongSecret


def test_many_threads_fetch_one_token() -> None:
    fake = FakeWeCom()
    api = client(fake)
    start = threading.Barrier(16)

    def ask(_: int) -> None:
        start.wait()
        api.account.getcallbackip()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(16)))

    assert fake.asked("gettoken") == 1


def test_two_clients_with_one_secret_hold_one_token() -> None:
    fake, shared = FakeWeCom(), Shared()

    for _ in range(2):
        client(fake, shared=shared).account.getcallbackip()

    assert fake.asked("gettoken") == 1


def test_a_token_is_replaced_five_minutes_before_its_end() -> None:
    fake, clock = FakeWeCom(rotate=True), FakeClock()
    api = client(fake, clock=clock)
    api.account.getcallbackip()

    clock.advance(7200 - 299)
    api.account.getcallbackip()

    assert fake.asked("gettoken") == 2


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_token_refused_for_ever_is_replaced_once(errcode: int) -> None:
    fake = FakeWeCom(refusing(errcode), rotate=True)

    with pytest.raises(TokenRefused):
        client(fake).account.getcallbackip()

    assert (fake.asked("getcallbackip"), fake.asked("gettoken")) == (2, 2)


def test_a_token_that_was_revoked_is_replaced() -> None:
    fake = FakeWeCom()
    api = client(fake)
    api.account.getcallbackip()
    fake.revoke()

    assert api.account.getcallbackip() == ()


def test_many_threads_survive_a_server_that_rotates_on_each_call() -> None:
    fake = FakeWeCom(rotate=True)
    api = client(fake)
    api.account.getcallbackip()
    fake.revoke()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: api.account.getcallbackip(), range(40)))

    assert fake.asked("gettoken") == 2


def test_a_failing_token_that_was_replaced_meanwhile_is_not_thrown_away() -> None:
    fake = FakeWeCom(rotate=True)
    api = client(fake)
    old = api.account.gettoken()
    transport = api._api.transport
    transport.forget_token(old)
    new = api.account.gettoken()

    transport.forget_token(old)

    assert api.account.gettoken() == new


def test_a_wrong_secret_is_asked_once_and_then_left_alone() -> None:
    fake, clock = FakeWeCom(), FakeClock()
    api = client(fake, clock=clock, secret="wrong")

    for _ in range(5):
        with pytest.raises(WrongSecret):
            api.account.getcallbackip()
    assert fake.asked("gettoken") == 1

    clock.advance(301)
    with pytest.raises(WrongSecret):
        api.account.getcallbackip()
    assert fake.asked("gettoken") == 2


def test_a_ban_of_the_address_lasts_an_hour() -> None:
    clock = FakeClock()
    fake = FakeWeCom()
    fake.wire = httpx.MockTransport(lambda request: httpx.Response(200, json={"errcode": 45009, "errmsg": "freq"}))

    with pytest.raises(FrequencyLimited) as caught:
        client(fake, clock=clock).account.getcallbackip()

    assert caught.value.blocked_until == clock.now() + 3600


def test_errors_tell_no_secret_and_no_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fake = FakeWeCom()
    api = client(fake)
    token = api.account.gettoken()
    said: list[str] = [repr(api)]

    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout(f"timed out at {request.url}", request=request)

    for answer in (
        {"errcode": 40058, "errmsg": f"invalid https://x/?access_token={token}&a=1, hint: [17], from ip: 1.1.1.1"},
        httpx.Response(502, text="bad gateway"),
        httpx.Response(200, text=f"<html>access_token={token}</html>"),
    ):
        fake.answer = lambda endpoint, body, answer=answer: answer
        with pytest.raises((WeComError, Unanswered, Exception)) as caught:
            api.account.getcallbackip()
        said += [str(caught.value), repr(caught.value)]
    lost_api = client(fake)
    lost_api._api.transport._http._transport = httpx.MockTransport(lost)
    with pytest.raises(Unanswered) as gone:
        lost_api.account.getcallbackip()
    said += [str(gone.value), repr(gone.value), caplog.text]

    assert all(token not in text and fake.secret not in text for text in said)


def test_the_hint_is_kept_apart_from_the_message() -> None:
    fake = FakeWeCom(refusing(48002))

    with pytest.raises(WeComError) as caught:
        client(fake).account.getcallbackip()

    assert (caught.value.errmsg, caught.value.hint) == ("no", "1731318638567740887924988")


def test_the_token_goes_in_the_address_and_chinese_goes_unescaped() -> None:
    fake = FakeWeCom()
    raw: list[httpx.Request] = []
    inner = fake._handle

    def watch(request: httpx.Request) -> httpx.Response:
        raw.append(request)
        return inner(request)

    fake.wire = httpx.MockTransport(watch)

    client(fake).contacts.remark("daiyu", "wm1", remark="潇湘\x01妃子")

    request = raw[-1]
    assert "access_token=" in str(request.url)
    assert "潇湘妃子".encode() in request.content and b"\\u" not in request.content
