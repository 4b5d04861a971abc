"""The door WeCom knocks at: the address is verified, events are taken in, and answered once they are on disk.

Source: https://developer.work.weixin.qq.com/document/path/90930, 90238 (回调配置, 接收消息与事件). WeCom waits five seconds and
tries three times; whoever answers late too often loses events.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import unquote_plus

import structlog
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tiefen.kit.callback_crypto import BadEnvelope, CallbackCrypto, Envelope
from tiefen.kit.clock import SECOND_US
from tiefen.kit.errors import TiefenError
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.callbacks.envelope import sealed_in
from tiefen.wecom.callbacks.keeping import MOST_WAITING, Arrival, Keeper
from tiefen.wecom.connections import Connection, NotConnected, connection
from tiefen.wecom.events import MOST_BYTES, Event, Unreadable, key_of, parse

log = structlog.get_logger()

PREFIX = "/wecom/callback/"
VERIFIED = "verified"
"""What a proof of the address is counted as."""
_KNOWN_FOR = 2.0
_LONGEST = 200
_TAKEN = Response(status_code=200)


@dataclass(eq=False)
class BadAddress(TiefenError):
    says = "The address lacks {missing}."

    missing: str


@dataclass(eq=False)
class TooLarge(TiefenError):
    status = 413
    says = "A callback has at most {most} bytes."

    most: int = MOST_BYTES


@dataclass(eq=False)
class Stale(TiefenError):
    """Signed, but not now: replayed, or one of two clocks is wrong."""

    status = 403
    says = "The timestamp is {seconds} seconds off; {most} are allowed."

    seconds: int
    most: int


class CutOff(TiefenError):
    says = "The connection ended in the middle."


class Busy(TiefenError):
    status = 503
    says = "Too much is waiting for the disk; come back in a second."


class NotKept(TiefenError):
    status: ClassVar[int] = 503
    says = "It could not be written down; come again."


@dataclass(frozen=True, slots=True)
class _Known:
    """A connection and what opens its callbacks."""

    connection: Connection
    crypto: CallbackCrypto


class Door:
    """Takes callbacks of every connected company. `wants` says whether an event is to be answered at once."""

    def __init__(
        self, ledger: Ledger, keeper: Keeper, wants: Callable[[Connection, Event], bool], clock: Callable[[], int]
    ) -> None:
        self._ledger, self._keeper, self._wants, self._clock = ledger, keeper, wants, clock
        self._connections: dict[str, tuple[float, _Known | None]] = {}

    def in_front_of(self, app: ASGIApp) -> ASGIApp:
        """The same application, with callbacks taken in before it is asked: they need nothing of what it does first."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"].startswith(PREFIX):
                await (await self._answer(scope, receive))(scope, receive, send)
            else:
                await app(scope, receive, send)

        return answer

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        """One request, answered in words whatever it is."""
        corp_id = scope["path"].removeprefix(PREFIX)
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            return Response(status_code=405, headers={"Allow": "GET, POST"})
        known = await self._known(corp_id)
        if known is None:
            return _refuse(NotConnected(corp_id[:_LONGEST]))
        try:
            asked = _asked(scope)
            if scope["method"] == "POST":
                outside = _envelope(asked, "")
                return await self._take(outside, await _body(scope, receive), known)
            return self._verify(asked, known)
        except TiefenError as error:
            return self._refused(corp_id, error)
        except Exception:
            log.exception("a callback could not be kept", corp=corp_id)
            return self._refused(corp_id, NotKept())

    def _verify(self, asked: dict[str, str], known: _Known) -> Response:
        """Prove that the address is ours: the text within, bare."""
        envelope = _envelope(asked, _given(asked, "echostr"))
        text = known.crypto.open(envelope)
        self._in_time(envelope, known.connection)
        self._keeper.count(known.connection.corp_id, VERIFIED)
        return Response(text, media_type="text/plain")

    async def _take(self, outside: Envelope, body: bytes, known: _Known) -> Response:
        if self._keeper.waiting > MOST_WAITING:
            raise Busy
        received = self._clock()
        envelope = Envelope(sealed_in(body), outside.signature, outside.timestamp, outside.nonce)
        content = known.crypto.open(envelope)
        self._in_time(envelope, known.connection)
        arrival, unreadable = self._arrival(known.connection, content, received)
        await self._keeper.keep(arrival)
        if unreadable is not None:
            raise unreadable
        return _TAKEN

    def _arrival(self, of: Connection, content: str, received_us: int) -> tuple[Arrival, Unreadable | None]:
        """What is to be kept. What WeCom signed and nobody can read is kept too, for the day somebody can."""
        raw = content.encode()
        try:
            event = parse(raw, received_us)
        except Unreadable as error:
            kept = content.replace("\0", "\ufffd")  # which PostgreSQL would not take
            return Arrival(of.corp_id, key_of(raw), kept, received_us, None, str(error)), error
        return Arrival(of.corp_id, event.key, content, received_us, event, welcome=self._wants(of, event)), None

    def _in_time(self, envelope: Envelope, of: Connection) -> None:
        off = abs(self._clock() // SECOND_US - int(envelope.timestamp))
        if of.window_seconds and off > of.window_seconds:
            raise Stale(off, of.window_seconds)

    def _refused(self, corp_id: str, error: TiefenError) -> Response:
        self._keeper.count(corp_id, f"refused:{error.code}")
        return _refuse(error)

    async def _known(self, corp_id: str) -> _Known | None:
        """How the company is connected; remembered for two seconds."""
        if not 0 < len(corp_id) <= _LONGEST or not corp_id.isprintable():
            return None
        now = time.monotonic()
        found = self._connections.get(corp_id)
        if found is None or now - found[0] > _KNOWN_FOR:
            if found is not None:
                self._connections[corp_id] = now, found[1]  # while one asks, the others go on with what was
            elif len(self._connections) > 1_000:
                self._connections.clear()
            found = self._connections[corp_id] = now, await asyncio.to_thread(self._look_up, corp_id)
        return found[1]

    def _look_up(self, corp_id: str) -> _Known | None:
        try:
            found = connection(self._ledger, corp_id)
        except TiefenError:
            return None
        return _Known(found, found.crypto)


def _asked(scope: Scope) -> dict[str, str]:
    """What stands in the address."""
    try:
        query: str = scope["query_string"].decode("ascii")
    except UnicodeDecodeError:
        raise BadAddress("a query that can be read") from None
    pairs = (part.partition("=") for part in query.split("&"))
    return {name: unquote_plus(value) for name, _, value in pairs}


def _envelope(asked: dict[str, str], encrypted: str) -> Envelope:
    timestamp = _given(asked, "timestamp")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadAddress("a timestamp")
    return Envelope(encrypted, _given(asked, "msg_signature"), timestamp, _given(asked, "nonce"))


def _given(asked: dict[str, str], name: str) -> str:
    value = asked.get(name)
    if not value:
        raise BadAddress(f"a {name}")
    return value


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The body, or an error as soon as it is larger than any callback."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > MOST_BYTES:
            raise TooLarge
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CutOff
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            raise TooLarge
    if not body:
        raise BadEnvelope("it is empty")
    return body


def _refuse(error: TiefenError) -> Response:
    headers = {"Retry-After": "1"} if error.status == 503 else None
    return JSONResponse({"code": error.code, "message": str(error)}, status_code=error.status, headers=headers)
