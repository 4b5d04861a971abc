"""The doors of the tracking wire: who knocks, what is answered, and only after it is on disk."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import Any

import msgspec
import sqlalchemy as sa
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tiefen.intake.track import wire
from tiefen.intake.track.translate import Translated, translate
from tiefen.kit.clock import SECOND_US, now_us
from tiefen.kit.errors import TiefenError
from tiefen.ledger.batch import Batch, Reject
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import write_keys

PATHS = {
    "track": "track", "identify": "identify", "page": "page", "screen": "screen", "group": "group", "alias": "alias",
    "batch": "batch", "import": "batch",
    "t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": "batch",
}  # fmt: skip
_CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, content-encoding, x-retry-count",
    "Access-Control-Max-Age": "86400",
}
_DEEPEST = 40_000
"""More facts than this waiting for the disk, and callers are asked to come back."""
_KEYS_KEPT = 5.0
_LONGEST_KEY = 200
_SEEN_EVERY_US = 60 * SECOND_US
"""How closely it is kept when a key was last used."""
_SUCCESS = b'{"success":true}'


def routes(ledger: Ledger) -> list[Route]:
    """`/v1/…` as Segment's libraries know it."""
    door = _Door(ledger)
    found = [Route(f"/v1/{path}", door.handler(kind), methods=["POST", "OPTIONS"]) for path, kind in PATHS.items()]
    found.append(Route("/v1/projects/{write_key}/settings", door.settings, methods=["GET", "OPTIONS"]))
    return found


class _Unknown(TiefenError):
    status = 401
    says = "The write key is missing or unknown."

    @property
    def code(self) -> str:
        return "unknown_write_key"


class _Door:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._keys: dict[str, tuple[float, tuple[str, str, bool] | None]] = {}

    def handler(self, kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(status_code=200, headers=_CROSS_ORIGIN)
            try:
                return await self._take(request, kind)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody is left to read it
            except TiefenError as error:
                return _refuse(error.status, error.code, str(error))

        return handle

    async def settings(self, request: Request) -> Response:
        """What analytics.js asks for before it sends anything."""
        key = request.path_params["write_key"]
        if request.method == "OPTIONS":
            return Response(status_code=200, headers=_CROSS_ORIGIN)
        if await self._source(key) is None:
            return _refuse(404, "unknown_write_key", "There is no such write key.")
        host = request.headers.get("host", "")
        integration = {"apiKey": key, "apiHost": f"{host}/v1", "protocol": request.url.scheme, "type": "server"}
        return JSONResponse({"integrations": {"Segment.io": integration}, "plan": {"track": {}}}, headers=_CROSS_ORIGIN)

    async def _take(self, request: Request, kind: str) -> Response:
        if self._ledger.waiting > _DEEPEST:
            return _busy()
        body = wire.unpack(await _body(request), request.headers.get("content-encoding", ""))
        parsed = wire.parse(body, _charset(request.headers.get("content-type", "")))
        source = await self._source(_key_in_header(request) or parsed.get("writeKey"))
        if source is None:
            raise _Unknown
        corp_id, name, strict = source
        calls, shared = wire.calls_in(parsed, kind)
        if len(calls) > wire.MOST_EVENTS:
            calls, over = calls[: wire.MOST_EVENTS], calls[wire.MOST_EVENTS :]
        else:
            over = []
        translated = _translate(calls, shared, large=len(body) > wire.MOST_EVENT_BYTES)
        translated.refused += [wire.Refused(_raw(c), "too_many_events", {"most": wire.MOST_EVENTS}) for c in over]
        if strict and translated.refused:
            first = translated.refused[0]
            return _refuse(400, first.code, f"{len(translated.refused)} of {len(calls)} events cannot be kept.")
        batch = Batch(
            corp_id, f"key:{name}", translated.facts, translated.words, translated.profiles, translated.groups,
            translated.links, [_reject(refused) for refused in translated.refused],
        )  # fmt: skip
        await asyncio.wrap_future(self._ledger.submit(batch))
        return Response(_SUCCESS, media_type="application/json", headers=_CROSS_ORIGIN)

    async def _source(self, key: Any) -> tuple[str, str, bool] | None:
        """(corp, name, strict) of a write key; remembered for a few seconds."""
        if not isinstance(key, str) or not 0 < len(key) <= _LONGEST_KEY or not key.isprintable():
            return None
        known = self._keys.get(key)
        if known is None or time.monotonic() - known[0] > _KEYS_KEPT:
            found = await asyncio.to_thread(self._look_up, key)
            if len(self._keys) > 10_000:
                self._keys.clear()
            known = self._keys[key] = (time.monotonic(), found)
        return known[1]

    def _look_up(self, key: str) -> tuple[str, str, bool] | None:
        with self._ledger.read() as connection:
            row = connection.execute(
                sa.select(write_keys).where(write_keys.c.write_key == key, write_keys.c.revoked_us.is_(None))
            ).one_or_none()
        if row is not None and (row.last_used_us or 0) < now_us() - _SEEN_EVERY_US:
            with self._ledger.write() as connection:
                used = sa.update(write_keys).where(write_keys.c.write_key == key).values(last_used_us=now_us())
                connection.execute(used)
        return (row.corp_id, row.name, bool(row.strict)) if row else None


def _translate(calls: list[Any], shared: dict[str, Any], *, large: bool) -> Translated:
    """Everything in a request; an event's own size is only looked at where the whole could hold one too large."""
    into = Translated()
    received = now_us()
    for call in calls:
        size = len(msgspec.json.encode(call)) if large else None
        refused = wire.fault(call, size)
        if refused is not None:
            into.refused.append(refused)
        else:
            translate(call, into, received, shared)
    return into


def _reject(refused: wire.Refused) -> Reject:
    # The same refused event again is the same row: its place is a number made of what it is.
    raw = _raw(refused.raw)
    place = blake2b(msgspec.json.encode(raw.get("messageId") or raw, enc_hook=str), digest_size=8).digest()
    return Reject(int.from_bytes(place, "big") >> 1, raw, refused.code, refused.reason)


def _raw(call: Any) -> dict[str, Any]:
    if not isinstance(call, dict):
        return {"value": call}
    return {key: value for key, value in call.items() if key not in {"writeKey", "integrations"}}


async def _body(request: Request) -> bytes:
    """The body, or an error as soon as it is larger than any batch."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > wire.MOST_BATCH_BYTES:
            raise wire.TooLarge(wire.MOST_BATCH_BYTES)
        parts.append(part)
    return b"".join(parts)


def _key_in_header(request: Request) -> str | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value.strip() + "==", validate=False).decode().partition(":")[0] or None
    except ValueError:  # no base64, no ASCII, no UTF-8
        return None


def _charset(content_type: str) -> str:
    _, _, rest = content_type.partition("charset=")
    return rest.split(";")[0].strip().strip("\"'") or "utf-8"


def _refuse(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message, "success": False}, status_code=status, headers=_CROSS_ORIGIN)


def _busy() -> Response:
    headers = {"Retry-After": "1", "X-RateLimit-Reset": str(int(time.time()) + 1), **_CROSS_ORIGIN}
    return JSONResponse(
        {"code": "busy", "message": "Too much is waiting for the disk; come back in a second."},
        status_code=429,
        headers=headers,
    )
