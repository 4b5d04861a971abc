"""荣国府 in a sandbox: a company, its app as the real client sees it, and everybody's phones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest

from tiefen.sandbox import CorpKeys, Sandbox
from tiefen.sandbox.endpoints import ENDPOINTS
from tiefen.sandbox.phones import Phones
from tiefen.wecom.client import Limits, Shared, WeCom, WeComError

START = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
"""Ten in the morning in China, a Tuesday in a month of 31 days."""
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


class Wire(httpx.BaseTransport):
    """The sandbox's ASGI app, called in this thread."""

    def __init__(self, box: Sandbox) -> None:
        self._inner, self._loop = httpx.ASGITransport(app=cast(Any, box.app)), asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._loop.run_until_complete(self._call(request))

    def close(self) -> None:
        self._loop.close()

    async def _call(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        try:
            answer = await self._inner.handle_async_request(asked)
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error)) from None
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


class BoxClock:
    """The sandbox's time; whoever waits lets it pass."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box

    def now(self) -> float:
        return self._box.clock.now()

    def wait(self, seconds: float) -> None:
        self._box.clock.step(max(0.0, seconds))

    def close(self) -> None:
        pass


class Mansion:
    """凤姐 (xifeng), 平儿 (pinger) and 鸳鸯 (yuanyang) work here; 黛玉, 宝钗 and 探春 are 凤姐's customers, 袭人 is 平儿's."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.keys: CorpKeys = box.add_corp("荣国府", staff=["xifeng:凤姐", "pinger:平儿", "yuanyang:鸳鸯"])
        self.phones: Phones = box.phones(self.keys.corpid)
        self.api = self.client(self.keys.secret, self.keys.agentid)
        self.archive = self.client(self.keys.archive_secret, 0)
        self.people: dict[str, str] = {}
        for name, userid in (("黛玉", "xifeng"), ("宝钗", "xifeng"), ("探春", "xifeng"), ("袭人", "pinger")):
            self.meets(name, userid)
        self.passes(MINUTE)

    def client(self, secret: str, agentid: int) -> WeCom:
        # Its own budgets would keep it from what the sandbox is to refuse.
        return WeCom(
            "https://sandbox.test", self.keys.corpid, secret, agentid=agentid, clock=BoxClock(self.box), patience=0.0,
            shared=Shared(), wire=Wire(self.box), limits=Limits(),
        )  # fmt: skip

    def second_app(self) -> WeCom:
        app = self.box.add_app(self.keys.corpid, "另一个应用")
        return self.client(app.secret, app.agentid)

    def meets(self, name: str, userid: str) -> str:
        """Somebody adds staff; the id the company knows them by."""
        person = self.people.setdefault(name, "") or self.phones.person(name)
        self.people[name] = person
        return self.phones.add_contact(person, userid)

    def id(self, name: str) -> str:
        return self.phones.external(self.people[name])

    def ids(self, *names: str) -> list[str]:
        return [self.id(name) for name in names]

    def passes(self, seconds: float) -> None:
        self.box.clock.step(seconds)

    def now(self) -> int:
        return int(self.box.clock.now())

    def welcome_code(self, name: str, userid: str = "xifeng") -> str:
        """The code of the callback that tells of a newcomer."""
        self.meets(name, userid)
        xml = self.box.truth(self.keys.corpid).callbacks()[-1]
        return xml.partition("<WelcomeCode><![CDATA[")[2].partition("]]>")[0]

    def events(self, change: str) -> list[str]:
        return [xml for xml in self.box.truth(self.keys.corpid).callbacks() if f"[{change}]" in xml]

    def delivered(self, kind: str) -> list[tuple[str, str]]:
        """(staff, receiver) of what reached somebody."""
        rows = self.box.truth(self.keys.corpid).deliveries()
        return [(row["userid"], row["target"]) for row in rows if row["kind"] == kind]


@contextmanager
def mansion() -> Iterator[Mansion]:
    with Sandbox.open(speed=None, start=START) as box:
        yield Mansion(box)


@contextmanager
def refused(errcode: int) -> Iterator[None]:
    """The block is refused with this errcode."""
    with pytest.raises(WeComError) as caught:
        yield
    assert caught.value.errcode == errcode, caught.value


def raw(api: WeCom, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What an endpoint answers to a body the client would not send."""
    transport = api._api.transport
    answer = transport._http.post(
        f"{transport.base_url}/cgi-bin/{path}", params={"access_token": transport.token()}, json=body
    )
    found: dict[str, Any] = answer.json()
    return found


def used_up(home: Mansion, per: str, path: str, most: int, *, but: int) -> None:
    """As if the endpoint had been called as often as its first limit allows, but for so many times."""
    endpoint = next(one for one in ENDPOINTS if one.path == path)
    limit = next(one for one in endpoint.limits if one.per == per)
    assert limit.most == most
    who = home.keys.corpid if per == "corp" else f"{home.keys.corpid}/{home.keys.agentid}"
    with home.box.act():
        for _ in range(most - but):
            home.box.limiter.admit([(f"{per}:{who}:{path}", limit)], home.box.clock.now())
