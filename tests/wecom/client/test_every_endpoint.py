"""Every endpoint has a method, speaks as documented, and takes every errcode for what it is."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.wecom.client.every_call import CALLS, CODES, A, E
from tests.wecom.client.scenes import OK, FakeWeCom, client, refusing
from tiefen.wecom.client import MalformedReply, Unanswered, WeComError
from tiefen.wecom.client.codes import CLASS_OF, reason_of
from tiefen.wecom.client.errors import UnknownError, WrongSecret

NEEDED: dict[str, dict[str, Any]] = {
    "user/get": {"userid": "xifeng"},
    "department/get": {"department": {"id": 1}},
    E + "get": {"external_contact": {"external_userid": "wm1"}},
    E + "add_corp_tag": {"tag_group": {"group_id": "g1"}},
    E + "groupchat/get": {"group_chat": {"chat_id": "wr1"}},
    E + "add_contact_way": {"config_id": "c1"},
    E + "get_contact_way": {"contact_way": {}},
    E + "groupchat/add_join_way": {"config_id": "c1"},
    E + "groupchat/get_join_way": {"join_way": {}},
    E + "group_welcome_template/add": {"template_id": "t1"},
    E + "add_moment_task": {"jobid": "j1"},
    E + "add_product_album": {"product_id": "p1"},
    E + "get_product_album": {"product": {}},
    E + "add_intercept_rule": {"rule_id": "r1"},
    E + "get_intercept_rule": {"rule": {}},
    A + "create_link": {"link": {}},
    A + "get": {"link": {}},
    "get_jsapi_ticket": {"ticket": "t"},
    "ticket/get": {"ticket": "t"},
    "media/upload": {"media_id": "m1", "created_at": "1780000000"},
    "media/upload_attachment": {"media_id": "m1", "created_at": 1780000000},
    "media/uploadimg": {"url": "https://x/y"},
}
"""What an answer cannot be without; everything else is optional."""

READ_BY_GET = {
    "gettoken", "getcallbackip", "get_api_domain_ip", "user/get", "user/simplelist", "user/list", "department/list",
    "department/simplelist", "department/get", E + "get_follow_user_list", E + "list", E + "get",
    E + "get_moment_task_result", E + "get_intercept_rule_list", E + "customer_acquisition_quota", "get_jsapi_ticket",
    "ticket/get", "media/get",
}  # fmt: skip


@pytest.mark.parametrize("endpoint", CALLS)
def test_a_method_calls_its_endpoint(endpoint: str) -> None:
    fake = FakeWeCom(lambda name, body: {**OK, **NEEDED.get(name, {}), "not_heard_of": [1, {"a": None}]})
    asked: list[httpx.Request] = []
    inner = fake.wire.handler

    def watch(request: httpx.Request) -> Any:
        asked.append(request)
        return inner(request)

    fake.wire = httpx.MockTransport(watch)

    CALLS[endpoint](client(fake))

    assert asked[-1].url.path == f"/cgi-bin/{endpoint}"
    assert asked[-1].method == ("GET" if endpoint in READ_BY_GET else "POST")
    assert endpoint == "gettoken" or asked[-1].url.params["access_token"] in fake.valid


def test_the_catalogue_has_ninety_five_endpoints() -> None:
    assert len(CALLS) == 95


def refused(code: int) -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: httpx.Response(200, json={"errcode": code, "errmsg": "no"}))


@pytest.mark.parametrize("endpoint", CALLS)
def test_every_errcode_is_a_known_situation_on_every_endpoint(endpoint: str) -> None:
    for code in CODES:
        fake = FakeWeCom(refusing(code))
        if endpoint == "gettoken":
            fake.wire = refused(code)
        api = client(fake)

        with pytest.raises(WeComError) as caught:
            CALLS[endpoint](api)

        assert caught.value.errcode == code and caught.value.endpoint == endpoint
        assert not isinstance(caught.value, UnknownError)
        assert caught.value.final == (caught.value.retry_after is None)
        assert fake.asked(endpoint) <= 8


@pytest.mark.parametrize("code", CODES)
def test_a_reason_is_a_word(code: int) -> None:
    assert reason_of(code).replace("_", "").isalnum() or code == -1


def test_an_errcode_nobody_has_described_is_kept() -> None:
    fake = FakeWeCom(lambda name, body: {"errcode": 99_999_999, "errmsg": "新的"})

    with pytest.raises(UnknownError) as caught:
        client(fake).account.getcallbackip()

    assert (caught.value.errcode, caught.value.final, 99_999_999 in CLASS_OF) == (99_999_999, True, False)


def test_an_invalid_credential_means_the_secret_only_when_a_token_is_asked_for() -> None:
    with pytest.raises(WrongSecret):
        client(FakeWeCom(), secret="wrong").account.gettoken()


@pytest.mark.parametrize("endpoint", [name for name in CALLS if name != "gettoken"])
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"detail": "not WeCom"}),
        httpx.Response(404, json=OK),
        httpx.Response(302, headers={"location": "/login"}),
        httpx.Response(200, content=b'{"errcode":0,"errmsg":"\xff'),
    ],
    ids=["html", "list", "no errcode", "404", "redirect", "bad utf-8"],
)
def test_what_is_no_answer_of_wecom_is_said_to_be_none(endpoint: str, answer: httpx.Response) -> None:
    fake = FakeWeCom(lambda name, body: answer)
    api = client(fake)

    if endpoint == "media/get" and answer.status_code == 200 and not answer.content.startswith(b'{"errcode"'):
        assert api.media.get("m1").content == answer.content
        return
    with pytest.raises(MalformedReply):
        CALLS[endpoint](api)


@pytest.mark.parametrize("endpoint", [name for name in CALLS if name != "gettoken"])
def test_only_reads_are_repeated_when_no_answer_comes(endpoint: str) -> None:
    fake = FakeWeCom(lambda name, body: httpx.Response(502))
    writes = ("add", "edit", "del", "mark", "update", "remark", "send_w", "remind", "cancel", "create", "close")
    last = endpoint.rpartition("/")[2]
    write = last.startswith(writes) or last in {"transfer_customer", "onjob_transfer", "transfer", "send", "recall"}

    with pytest.raises(Unanswered) as caught:
        CALLS[endpoint](client(fake))

    assert fake.asked(endpoint) == (1 if write else 3)
    assert caught.value.maybe_done


def test_a_write_that_never_left_is_repeated() -> None:
    fake = FakeWeCom()
    inner, failures = fake.wire.handler, [2]

    def unreachable(request: httpx.Request) -> Any:
        if "mark_tag" in request.url.path and failures[0]:
            failures[0] -= 1
            raise httpx.ConnectError("connection refused", request=request)
        return inner(request)

    fake.wire = httpx.MockTransport(unreachable)

    client(fake).tags.mark_tag("xifeng", "wm1", add_tag=["et1"])

    assert fake.asked(E + "mark_tag") == 1
