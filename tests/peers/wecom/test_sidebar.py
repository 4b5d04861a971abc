"""The chat sidebar's signature: Tencent's packages sign as we do, and Tencent's SDK opens a page that we signed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.peers.wecom.others import EASYWECHAT, JSSDK, WECHATPY_1, WECHATPY_2, WECOM_CRYPTO, Software
from tests.peers.wecom.results import Notes, Result
from tests.peers.wecom.sealing import Starter, word
from tiefen.sandbox import Sandbox
from tiefen.wecom.client import WeCom
from tiefen.wecom.client.endpoints.sidebar import sign

TICKET = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
NONCE, TIMESTAMP, PAGE = "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value"
SIGNATURE = "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
"""The vector of https://developer.work.weixin.qq.com/document/path/90506."""
SIGNERS = (WECOM_CRYPTO, EASYWECHAT, WECHATPY_1, WECHATPY_2)
HREF = "https://tiefen.example.org/sidebar?corp=honglou&from=聊天#/people/1?tab=2"


@pytest.mark.parametrize("whose", SIGNERS, ids=lambda one: one.name)
def test_the_official_page_is_signed_alike_by_everybody(started: Starter, whose: Software) -> None:
    theirs = started(whose, "pages").ask("sign", ticket=TICKET, nonce=NONCE, timestamp=TIMESTAMP, url=PAGE)

    assert theirs["signature"] == SIGNATURE
    assert sign(TICKET, NONCE, TIMESTAMP, PAGE) == SIGNATURE
    assert sign(TICKET, NONCE, TIMESTAMP + 1, PAGE) != SIGNATURE


@pytest.mark.parametrize("whose", SIGNERS, ids=lambda one: one.name)
def test_any_page_is_signed_alike_by_everybody(started: Starter, notes: Notes, whose: Software) -> None:
    chance = random.Random(whose.name)
    process = started(whose, "pages")
    for n in range(100):
        ticket, nonce, at = word(chance, 86), word(chance, 16), chance.randint(1, 2_000_000_000)
        url = f"https://{word(chance, 8)}.example.org/{word(chance, n % 20)}?名={word(chance, 5)}&x=%E9%BB%9B&y=🌺"

        theirs = process.ask("sign", ticket=ticket, nonce=nonce, timestamp=at, url=url)

        assert theirs["signature"] == sign(ticket, nonce, at, url)
    notes.note(whose.name, "sidebar/signature", Result("works"))


class Page:
    """A page of a company's app in the sandbox, with the tickets its server has."""

    def __init__(self, started: Starter, box: Sandbox, address: str) -> None:
        self.address, self.keys = address, box.add_corp("荣国府", staff=["xifeng"])
        api = WeCom(address, self.keys.corpid, self.keys.secret, agentid=self.keys.agentid)
        self.corp, self.app = api.sidebar.get_jsapi_ticket().ticket, api.sidebar.ticket_get().ticket
        self._sdk = started(JSSDK, "pages")

    def open(self, *, corp: str, app: str, url: str = HREF, version: str = "4.1.36") -> dict[str, Any]:
        """Signed with these two tickets for this address."""
        return self._sdk.ask(
            "open", href=HREF, corpid=self.keys.corpid, agentid=self.keys.agentid, contact="wm_daiyu", version=version,
            tickets={"corp": self.corp, "app": self.app}, config=_signed(corp, url), agentConfig=_signed(app, url),
        )  # fmt: skip


def _signed(ticket: str, url: str) -> dict[str, Any]:
    return {"timestamp": TIMESTAMP, "nonceStr": NONCE, "signature": sign(ticket, NONCE, TIMESTAMP, url)}


@pytest.fixture
def page(started: Starter) -> Iterator[Page]:
    with Sandbox.open() as box, box.serve() as address:
        yield Page(started, box, address)


def test_tencents_sdk_opens_a_page_that_we_signed_with_the_apps_ticket(page: Page, notes: Notes) -> None:
    seen = page.open(corp=page.corp, app=page.app)

    assert seen["contact"] == "wm_daiyu"
    assert seen["signedFor"] == [HREF.partition("#")[0]]
    assert [one["name"] for one in seen["invoked"]] == ["agentConfig", "getCurExternalContact"]
    assert seen["invoked"][0]["params"]["corpid"] == page.keys.corpid
    assert seen["invoked"][0]["params"]["agentid"] == str(page.keys.agentid)
    notes.note(JSSDK.name, "sidebar/page", IMITATED)


def test_older_windows_ask_for_both_signatures(page: Page) -> None:
    seen = page.open(corp=page.corp, app=page.app, version="3.0.20")

    assert seen["contact"] == "wm_daiyu"
    assert {one["name"] for one in seen["invoked"]} == {"preVerifyJSAPI", "agentConfig", "getCurExternalContact"}


def test_the_two_tickets_are_not_to_be_mixed(page: Page) -> None:
    assert "failed" in page.open(corp=page.corp, app=page.corp)
    assert "failed" in page.open(corp=page.app, app=page.app, version="3.0.20")


def test_a_signature_of_another_page_opens_nothing(page: Page) -> None:
    assert "failed" in page.open(corp=page.corp, app=page.app, url=HREF.replace("honglou", "ningguo"))


def test_node_easywechat_mixes_the_two_tickets(page: Page, started: Starter, notes: Notes) -> None:
    theirs = started(EASYWECHAT, "calls")
    theirs.ask("start", base=page.address, corpid=page.keys.corpid, secret=page.keys.secret)

    signed = theirs.ask("agentConfig", agentid=page.keys.agentid, url=PAGE, nonce=NONCE, timestamp=TIMESTAMP)

    assert signed["signature"] == sign(page.corp, NONCE, TIMESTAMP, PAGE) != sign(page.app, NONCE, TIMESTAMP, PAGE)
    notes.note(EASYWECHAT.name, "sidebar/page", MIXES)


IMITATED = Result("works", (), "in a window that is imitated", "在模拟的窗口中")
MIXES = Result(
    "defect",
    (),
    "signs `agentConfig` with the company's ticket in place of the app's",
    "用企业的 ticket 而非应用的 ticket 为 `agentConfig` 签名",
)
