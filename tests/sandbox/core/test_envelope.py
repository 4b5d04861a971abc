"""Every answer has WeCom's shape, the refusals too."""

from __future__ import annotations

import re

import pytest

from tests.sandbox.core.asking import Caller, mansion, read
from tiefen.sandbox.answering import Request, answer
from tiefen.sandbox.endpoints import ENDPOINTS

_HINT = re.compile(
    r"invalid credential, hint: \[\d{25}\], from ip: 10\.0\.0\.1, "
    r"more info at https://open\.work\.weixin\.qq\.com/devtool/query\?e=40001"
)


def test_a_refusal_says_hint_address_and_where_to_read_more() -> None:
    with mansion() as (box, keys):
        reply = Caller(box, keys).gettoken(secret="wrong")

    assert reply["errcode"] == 40001
    assert _HINT.fullmatch(reply["errmsg"])


def test_status_is_200_and_the_headers_repeat_the_code() -> None:
    with mansion() as (box, keys):
        found = Caller(box, keys).raw("GET", "user/get", params={"userid": "nobody"})

    assert found.status == 200
    headers = dict(found.headers)
    assert headers["Server"] == "nginx"
    assert headers["Content-Type"] == "application/json; charset=UTF-8"
    assert headers["Error-Code"] == "60111"
    assert headers["Error-Msg"].startswith("userid not found, hint: [")


def test_without_a_token_every_endpoint_says_so_with_its_collections_empty() -> None:
    with mansion() as (box, _):
        for endpoint in ENDPOINTS:
            if endpoint.token:
                reply = read(answer(box, Request(endpoint.method, endpoint.path)))
                told = {name: reply[name] for name in endpoint.empty}

                assert (reply["errcode"], told) == (41001, dict(endpoint.empty))


def test_a_token_in_the_body_is_no_token() -> None:
    with mansion() as (box, keys):
        token = Caller(box, keys).token()
        body = f'{{"access_token":"{token}"}}'.encode()
        reply = read(answer(box, Request("POST", "externalcontact/get_corp_tag_list", "", body)))

    assert reply["errcode"] == 41001


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff\xfe", b'"text"', b"null"])
def test_a_body_that_is_no_object_counts_as_empty_and_is_warned_of(body: bytes) -> None:
    with mansion() as (box, keys):
        caller = Caller(box, keys)
        taken = read(caller.raw("POST", "externalcontact/get_corp_tag_list", body))
        refused = read(caller.raw("POST", "externalcontact/mark_tag", body))

    assert taken["errmsg"] == "Warning: wrong json format. ok"
    assert refused["errmsg"].startswith("Warning: wrong json format. invalid userid, hint:")


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (rb'{"tag_id":["\u9ed1"]}', 40033),
        (rb'{"tag_id":["\\u9ed1"]}', 0),
        (rb'{"tag_id":["\\\u9ed1"]}', 40033),
        ('{"tag_id":["黑"]}'.encode(), 0),
    ],
)
def test_escaped_characters_are_refused_and_escaped_backslashes_are_not(body: bytes, errcode: int) -> None:
    with mansion() as (box, keys):
        reply = read(Caller(box, keys).raw("POST", "externalcontact/get_corp_tag_list", body))

    assert reply["errcode"] == errcode


def test_a_lenient_sandbox_takes_escaped_characters_and_the_body_of_an_older_page() -> None:
    with mansion(strict=False) as (box, keys):
        caller = Caller(box, keys)
        escaped = read(caller.raw("POST", "externalcontact/get_corp_tag_list", rb'{"tag_id":["\u9ed1"]}'))
        older = caller.post("externalcontact/batch/get_by_user", userid="daiyu")

    assert (escaped["errcode"], older["errcode"]) == (0, 0)


def test_the_wrong_method_is_refused() -> None:
    with mansion() as (box, keys):
        caller = Caller(box, keys)

        assert caller.get("externalcontact/mark_tag")["errcode"] == 43002
        assert caller.post("externalcontact/list")["errcode"] == 43001


def test_what_is_no_endpoint_is_not_found() -> None:
    with mansion() as (box, keys):
        assert Caller(box, keys).raw("GET", "externalcontact/nothing").status == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"limit": "ten", "userid_list": ["daiyu"]}, "invalid param 'limit'."),
        ({"limit": 0, "userid_list": ["daiyu"]}, "`limit` out of range."),
        ({"userid_list": "daiyu"}, "invalid param 'userid_list'."),
        ({"userid_list": [7]}, "invalid param 'userid_list'."),
        ({"userid_list": ["daiyu"] * 101}, "`userid_list` exceed max size 100."),
    ],
)
def test_a_wrong_parameter_is_named(fields: dict[str, object], words: str) -> None:
    with mansion() as (box, keys):
        reply = Caller(box, keys).post("externalcontact/batch/get_by_user", fields)

    assert reply["errcode"] == 40058
    assert reply["errmsg"].startswith(f"{words} invalid Request Parameter, hint:")


def test_debugging_is_for_five_calls_a_minute() -> None:
    with mansion() as (box, keys):
        caller = Caller(box, keys)

        assert caller.codes("getcallbackip", 6, debug=1) == [0, 0, 0, 0, 0, 45009]
        assert caller.get("getcallbackip")["errcode"] == 0


def test_calls_are_logged_with_their_answers_and_without_secrets() -> None:
    with mansion() as (box, keys):
        caller = Caller(box, keys)
        caller.get("user/get", userid="nobody")
        row = box.truth(keys.corpid).calls()[-1]
        log = [tuple(row) for row in box.store.all("SELECT * FROM calls")]

    assert (row["path"], row["errcode"], row["agentid"], row["ip"]) == ("user/get", 60111, keys.agentid, "10.0.0.1")
    assert "userid not found" in row["answer"]
    assert keys.secret not in str(log)
    assert caller.access_token not in row["params"]


def test_the_log_keeps_the_last_calls_only() -> None:
    with mansion() as (box, keys):
        box.configure(calls_kept=200)
        Caller(box, keys).codes("getcallbackip", 450)
        kept = box.store.value("SELECT count(*) FROM calls")

    assert 200 <= kept < 300
