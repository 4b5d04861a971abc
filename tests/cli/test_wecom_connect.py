"""`tiefen wecom`: connecting is tried live, and what is wrong is told with where to click."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.cli.conftest import Tiefen
from tiefen.kit.callback_crypto import CallbackCrypto
from tiefen.sandbox import Sandbox
from tiefen.sandbox.corps import CorpKeys


@dataclass
class WeComHere:
    box: Sandbox
    keys: CorpKeys
    url: str

    def words(self, **changed: str) -> list[str]:
        given = {"base-url": self.url, "corpid": self.keys.corpid, "secret": self.keys.secret} | changed
        return ["wecom", "connect", *(word for name, value in given.items() for word in (f"--{name}", value))]


@pytest.fixture
def wecom() -> Iterator[WeComHere]:
    with Sandbox.open() as box, box.serve(port=0) as url:
        yield WeComHere(box, box.add_corp("荣国府", staff=["xifeng"]), url)


def test_connecting_tells_what_to_type_into_wecom(tiefen: Tiefen, wecom: WeComHere) -> None:
    made = tiefen(*wecom.words(agentid=str(wecom.keys.agentid)), "--public-url", "https://crm.example", "--json").json

    assert made["callback_url"] == "https://crm.example/wecom/callback/main"
    assert (made["corpid"], made["agentid"]) == (wecom.keys.corpid, wecom.keys.agentid)
    assert next(one for one in made["checks"] if one["key"] == "token")["state"] == "ok"
    CallbackCrypto(made["token"], made["aes_key"], made["corpid"])


def test_the_words_for_people_name_the_callback_and_no_secret(tiefen: Tiefen, wecom: WeComHere) -> None:
    said = tiefen(*wecom.words())

    assert said.status == 0
    assert "/wecom/callback/main" in said.out and "EncodingAESKey" in said.out
    assert wecom.keys.secret not in said.out + said.err


def test_a_pair_made_by_wecoms_form_is_taken(tiefen: Tiefen, wecom: WeComHere) -> None:
    made = tiefen(*wecom.words(token=wecom.keys.token, **{"aes-key": wecom.keys.aes_key}), "--json").json

    assert (made["token"], made["aes_key"]) == (wecom.keys.token, wecom.keys.aes_key)


@pytest.mark.parametrize(
    ("changed", "clicks"),
    [
        ({"secret": "wrong"}, "Secret"),
        ({"corpid": "ww0"}, "企业ID"),
        ({"base-url": "http://127.0.0.1:9"}, "Nothing answers"),
        ({"token": "no token!"}, "token"),
        ({"base-url": "nowhere"}, "http://"),
    ],
)
def test_what_cannot_be_right_is_not_kept(
    tiefen: Tiefen, wecom: WeComHere, changed: dict[str, str], clicks: str
) -> None:
    said = tiefen(*wecom.words(**changed))

    assert said.status == 1
    assert clicks in said.err
    assert tiefen("wecom", "list", "--json").json == []


def test_an_address_wecom_does_not_trust_is_told_with_where_to_add_it(tiefen: Tiefen, wecom: WeComHere) -> None:
    wecom.box.phones(wecom.keys.corpid).admin_set_trusted_ips(["10.0.0.1"])

    said = tiefen(*wecom.words())

    assert said.status == 0
    assert "企业可信IP" in said.err


def test_a_permission_that_was_taken_away_is_told_with_where_to_give_it(tiefen: Tiefen, wecom: WeComHere) -> None:
    wecom.box.phones(wecom.keys.corpid).admin_revoke("contact")

    assert "可调用接口的应用" in tiefen(*wecom.words()).err


def test_a_connection_is_listed_shown_and_cut(tiefen: Tiefen, wecom: WeComHere) -> None:
    tiefen(*wecom.words(), "--json")

    (listed,) = tiefen("wecom", "list", "--json").json
    found = tiefen("wecom", "status", "--json").json
    assert (listed["corp"], listed["corpid"]) == ("main", wecom.keys.corpid)
    assert (found["last_callback"], found["waiting"], found["events_today"]) == (None, 0, {})
    assert "Callbacks of main" in tiefen("wecom", "status").out
    assert tiefen("wecom", "replay", "--json").json == {"corp": "main", "replayed": 0}

    assert tiefen("wecom", "disconnect", "--json").json == {"corp": "main", "connected": False}

    again = tiefen("wecom", "status")
    assert (again.status, "not connected" in again.err) == (1, True)


def test_everything_is_read_by_hand_once_and_again_without_news(tiefen: Tiefen, wecom: WeComHere) -> None:
    phones = wecom.box.phones(wecom.keys.corpid)
    daiyu, baochai = phones.person("黛玉"), phones.person("宝钗")
    for person in (daiyu, baochai):
        phones.add_contact(person, "xifeng")
    phones.create_group("xifeng", "海棠诗社", people=[daiyu, baochai])
    assert tiefen(*wecom.words()).status == 0

    first = tiefen("wecom", "sync", "--json").json
    again = tiefen("wecom", "sync", "--full", "--json").json
    said = tiefen("wecom", "sync")

    assert (first["known"]["contacts"], first["known"]["groups"], first["known"]["staff"]) == (2, 1, 1)
    assert (first["facts"] > 0, again["facts"], again["skipped"]) == (True, 0, [])
    assert again["forecast"]["calls"] > 0
    assert said.status == 0 and "WeCom's own pace" in said.out
    assert [group["name"] for group in tiefen("report", "groups", "--json").json] == ["海棠诗社"]


def test_what_wecom_refuses_is_told_and_takes_nothing_away(tiefen: Tiefen, wecom: WeComHere) -> None:
    phones = wecom.box.phones(wecom.keys.corpid)
    phones.add_contact(phones.person("黛玉"), "xifeng")
    assert tiefen(*wecom.words()).status == 0
    tiefen("wecom", "sync")
    phones.admin_revoke("contact")

    said = tiefen("wecom", "sync", "--full", "--json").json

    assert said["skipped"] and said["facts"] == 0
    assert said["known"]["contacts"] == 1


def test_a_company_that_is_not_connected_cannot_be_read(tiefen: Tiefen) -> None:
    said = tiefen("wecom", "sync")

    assert said.status == 1
    assert "connect" in said.err and "Traceback" not in said.err
