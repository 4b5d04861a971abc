"""A small WeCom of one endpoint at a time, and a clock that moves when somebody waits."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tiefen.wecom.client import Limits, Shared, WeCom

OK = {"errcode": 0, "errmsg": "ok"}


class FakeClock:
    """Time that moves by itself when somebody waits, so that an hour's block takes no time."""

    def __init__(self, start: float = 1_780_000_000.0) -> None:
        self._now, self._lock = start, threading.Lock()
        self.waited: list[float] = []

    def now(self) -> float:
        return self._now

    def wait(self, seconds: float) -> None:
        with self._lock:
            self._now += max(0.0, seconds)
            self.waited.append(seconds)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds

    def close(self) -> None:
        pass


class FakeWeCom:
    """Answers as told, issues tokens as WeCom does, and remembers what was asked."""

    def __init__(self, answer: Callable[[str, dict[str, Any]], Any] | None = None, *, rotate: bool = False) -> None:
        self.answer = answer or (lambda endpoint, body: OK)
        self.rotate = rotate
        self.calls: list[tuple[str, dict[str, str], Any]] = []
        self.tokens: list[str] = []
        self.valid: set[str] = set()
        self.secret = "s3cr3t-of-the-app"
        self.lock = threading.Lock()
        self.wire = httpx.MockTransport(self._handle)

    def asked(self, endpoint: str) -> int:
        return sum(1 for name, _, _ in self.calls if name == endpoint)

    def revoke(self) -> None:
        self.valid.clear()

    def _handle(self, request: httpx.Request) -> httpx.Response:
        endpoint = request.url.path.removeprefix("/cgi-bin/")
        query = {name: values[0] for name, values in parse_qs(urlsplit(str(request.url)).query).items()}
        with self.lock:
            body = json.loads(request.content) if request.headers.get("content-type", "").startswith("app") else {}
            self.calls.append((endpoint, query, body))
            if endpoint == "gettoken":
                return self._token(query)
            if query.get("access_token") not in self.valid:
                return httpx.Response(200, json={"errcode": 40014, "errmsg": "invalid access_token"})
        given = self.answer(endpoint, {**query, **body})
        return given if isinstance(given, httpx.Response) else httpx.Response(200, json=given)

    def _token(self, query: dict[str, str]) -> httpx.Response:
        if query["corpsecret"] != self.secret:
            return httpx.Response(200, json={"errcode": 40001, "errmsg": "invalid credential, hint: [1], from ip: 9.9"})
        if self.rotate or not self.valid:
            token = f"token-{len(self.tokens)}-{uuid.uuid4().hex}"
            self.valid = {token}
            self.tokens.append(token)
        return httpx.Response(200, json={**OK, "access_token": next(iter(self.valid)), "expires_in": 7200})


def client(
    fake: FakeWeCom, *, clock: Any = None, limits: Limits | None = None, patience: float = 2.0, secret: str = "",
    shared: Shared | None = None,
) -> WeCom:  # fmt: skip
    return WeCom(
        "https://wecom.test", "wwcorp", secret or fake.secret, agentid=7, clock=clock or FakeClock(), limits=limits,
        patience=patience, shared=shared or Shared(), wire=fake.wire,
    )  # fmt: skip


def refusing(errcode: int, times: int = 10**9, then: Any = None) -> Callable[[str, dict[str, Any]], Any]:
    """Refuse so many times, then answer."""
    left = [times]

    def answer(endpoint: str, body: dict[str, Any]) -> Any:
        if left[0] > 0:
            left[0] -= 1
            text = f"no, hint: [1731318638567740887924988], from ip: 1.2.3.4, more info at https://x/?e={errcode}"
            return {"errcode": errcode, "errmsg": text}
        return then or OK

    return answer
