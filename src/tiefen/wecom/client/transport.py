"""The way of a call: its turn, its token, the wire, and what to do about the answer."""

from __future__ import annotations

import logging
import random
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog

from tiefen.wecom.client import errors
from tiefen.wecom.client.clock import Clock
from tiefen.wecom.client.errors import FrequencyLimited, MalformedReply, Unanswered, WeComError
from tiefen.wecom.client.lanes import Lane, Usage
from tiefen.wecom.client.limits import Limits
from tiefen.wecom.client.shared import Shared
from tiefen.wecom.client.tokens import Token
from tiefen.wecom.client.wire import Reply, decode, outcome, scrub

log = structlog.get_logger()

_SLACK = 3.0
"""Seconds a call may spend on short back-offs however impatient its caller is."""


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """One call. `repeatable` is a read: asking twice does no harm. `records` are what it changes, one call at a time."""

    endpoint: str
    method: str = "GET"
    params: Mapping[str, str | int] | None = None
    body: bytes | None = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    headers: Mapping[str, str] | None = None
    repeatable: bool = True
    records: tuple[Hashable, ...] = ()
    binary: bool = False
    """Whether a success is a file rather than JSON."""
    timeout: float | None = None


class _TokenReply(Reply, frozen=True, kw_only=True):
    access_token: str
    expires_in: float = 7200


class Transport:
    """The wire to one corp with one secret; safe to use from many threads."""

    def __init__(
        self, base_url: str, corpid: str, secret: str, limits: Limits, clock: Clock, shared: Shared,
        wire: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self.base_url = base_url.rstrip("/").removesuffix("/cgi-bin")
        self.corpid, self.limits, self.clock = corpid, limits, clock
        self.secret = secret
        self._corp = shared.corp(self.base_url, corpid)
        self._tokens = self._corp.tokens(secret, limits)
        local = urlsplit(self.base_url).hostname in {"127.0.0.1", "localhost", "::1"}
        self._http = httpx.Client(
            timeout=httpx.Timeout(limits.timeout, connect=5.0),
            limits=httpx.Limits(max_connections=limits.connections, max_keepalive_connections=limits.connections),
            transport=wire,
            trust_env=not local,
        )

    def close(self) -> None:
        """Wake whoever waits, and let go of the connections."""
        self.clock.close()
        self._http.close()

    def usage(self) -> list[Usage]:
        return self._corp.usage(self.clock.now())

    def token(self) -> str:
        """The access token, fetched if there is none."""
        return self._tokens.get(self.clock, self._fetch_token)

    def forget_token(self, failed: str) -> None:
        self._tokens.invalidate(failed)

    def send(self, call: Call, patience: float) -> httpx.Response:
        """Make a call and return its successful answer; every other answer is raised.

        `patience` is how many seconds it may wait for its turn, when the budget is used up or WeCom has blocked it.
        """
        with self._corp.records.holding(call.records):
            return self._send(call, patience, with_token=True)

    def address(self, endpoint: str) -> str:
        return f"{self.base_url}/cgi-bin/{endpoint}"

    def fetch(self, url: str, endpoint: str, params: Mapping[str, str | int]) -> httpx.Response:
        """A read from elsewhere, with the same care for lost connections and for secrets, and no token."""
        tries = 0
        while True:
            answer = self._once(Call(endpoint, params=params), url, "")
            if isinstance(answer, httpx.Response):
                return answer
            if (tries := tries + 1) >= self.limits.tries:
                raise answer
            self._back_off(tries)

    # ---- one call ----

    def _send(self, call: Call, patience: float, *, with_token: bool) -> httpx.Response:
        lane = self._corp.lane(call.endpoint, self.limits)
        until = self.clock.now() + patience
        turns = _Turns(self.limits)
        while True:
            lane.admit(self.clock, until)
            token = self._token_by(until) if with_token else ""
            with lane.gate.inside():
                answer = self._once(call, self.address(call.endpoint), token)
                error = self._error_in(call, answer, lane)
            if error is None and isinstance(answer, httpx.Response):
                lane.gate.went_well()
                return answer
            match error:
                case FrequencyLimited():
                    again = error.blocked_until <= until
                case errors.TokenRefused() if with_token:
                    self._tokens.invalidate(token)
                    again = turns.fresh_token()
                case errors.TooManyAtOnce():
                    lane.gate.crowded()
                    again = self._again_crowded(turns, until)
                case errors.EditedAtOnce():
                    again = self._again_crowded(turns, until)
                case errors.Busy():
                    again = turns.again()
                    self._back_off(turns.tries if again else 0)
                case Unanswered():
                    again = (call.repeatable or not error.maybe_done) and turns.again()
                    self._back_off(turns.tries if again else 0)
                case _:
                    again = False
            if not again:
                assert error is not None
                raise error

    def _once(self, call: Call, url: str, token: str) -> httpx.Response | Unanswered:
        params = dict(call.params or {})
        if token:
            params["access_token"] = token
        headers = dict(call.headers or {})
        if call.body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        arguments: dict[str, Any] = {"timeout": call.timeout} if call.timeout is not None else {}
        try:
            answer = self._http.request(
                call.method, url, params=params, content=call.body, files=call.files, headers=headers, **arguments
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            unanswered = Unanswered(call.endpoint, scrub(str(error)) or type(error).__name__)
        except httpx.HTTPError as error:
            # The request may have arrived: what it asked for may have been done.
            unanswered = Unanswered(call.endpoint, scrub(str(error)) or type(error).__name__, maybe_done=True)
        else:
            if answer.status_code < 500:
                return answer
            unanswered = Unanswered(call.endpoint, f"HTTP {answer.status_code}", maybe_done=True)
        return unanswered

    def _error_in(self, call: Call, answer: httpx.Response | Unanswered, lane: Lane) -> WeComError | Unanswered | None:
        now = self.clock.now()
        if isinstance(answer, Unanswered):
            lane.failed(0, answer.why, now)
            return answer
        if call.binary and answer.status_code < 300 and not answer.content.startswith(b'{"errcode"'):
            return None
        error = outcome(answer.content, call.endpoint)
        if error is None and answer.status_code >= 300:
            raise MalformedReply(call.endpoint, f"HTTP {answer.status_code}")
        if error is None:
            return None
        if not isinstance(error, errors.NoRelation):  # that is an answer
            lane.failed(error.errcode, error.hint, now)
        log.debug("WeCom refused", endpoint=call.endpoint, errcode=error.errcode, hint=error.hint)
        return lane.block(error, now) if error.errcode == 45009 else error

    def _token_by(self, until: float) -> str:
        while True:
            try:
                return self.token()
            except FrequencyLimited as error:
                # Nobody waits inside the token's lock: those in a hurry would wait behind those who are not.
                if error.blocked_until > until:
                    raise
                wait = error.wait
            self.clock.wait(wait)

    def _fetch_token(self) -> Token:
        call = Call("gettoken", params={"corpid": self.corpid, "corpsecret": self.secret})
        answer = decode(self._send(call, 0.0, with_token=False).content, _TokenReply, "gettoken")
        return Token(answer.access_token, answer.expires_in)

    def _again_crowded(self, turns: _Turns, until: float) -> bool:
        if not turns.again_crowded():
            return False
        pause = min(5.0, 0.1 * 2**turns.crowded) * random.uniform(0.5, 1.0)
        if turns.slept + pause > _SLACK and self.clock.now() + pause > until:
            return False
        turns.slept += pause
        self.clock.wait(pause)
        return True

    def _back_off(self, tries: int) -> None:
        if tries:
            self.clock.wait(0.4 * 2**tries * random.uniform(0.5, 1.0))


class _Turns:
    """How often one call was tried, by what made it necessary."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.tries = self.crowded = 0
        self.slept = 0.0
        self._refreshed = False

    def again(self) -> bool:
        self.tries += 1
        return self.tries < self._limits.tries

    def again_crowded(self) -> bool:
        self.crowded += 1
        return self.crowded < self._limits.crowded_tries

    def fresh_token(self) -> bool:
        """Whether a fresh token may still be tried: once, so that a server that refuses for ever is not asked for ever."""
        if self._refreshed:
            return False
        self._refreshed = True
        return True


class _NoSecrets(logging.Filter):
    """httpx logs the address of every request, and WeCom's token is part of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrub(record.getMessage()), ()
        return True


logging.getLogger("httpx").addFilter(_NoSecrets())
