"""The sandbox over HTTP: `/cgi-bin/…` as WeCom has it, `/_sandbox/…` beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import ASGIApp, Receive, Scope, Send

from tiefen.sandbox.answering import Answer, Request, answer
from tiefen.sandbox.archive import archive
from tiefen.sandbox.endpoints.base import Upload
from tiefen.sandbox.inside import routes

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

_MOST = 64 * 2**20
_API = "/cgi-bin/"


def app(box: Sandbox) -> ASGIApp:
    """The ASGI app of a sandbox."""
    inside = Starlette(routes=routes(box))

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path.startswith(_API):
            await _api(box, scope, receive, send)
        elif path == "/_sandbox/archive":
            await _send(await _inline(box, lambda: archive(box, scope["query_string"].decode())), send)
        elif f"{path}/".startswith("/_sandbox/"):
            await inside(scope, receive, send)
        else:
            await _send(Answer(404, (("Server", "nginx"), ("Content-Type", "text/html")), b""), send)

    return serve


async def _api(box: Sandbox, scope: Scope, receive: Receive, send: Send) -> None:
    headers = Headers(scope=scope)
    body = await _body(receive)
    if body is None:
        await _send(Answer(413, (("Server", "nginx"),), b""), send)
        return
    request = Request(
        scope["method"], scope["path"].removeprefix(_API), scope["query_string"].decode("latin-1"), body,
        (scope.get("client") or ("127.0.0.1",))[0], headers.get("range", ""), await _upload(headers, body),
    )  # fmt: skip
    found = await _inline(box, lambda: answer(box, request))
    try:
        if found.seconds:
            await asyncio.sleep(found.seconds)
        await (_drop(send) if found.dropped else _send(found, send))
    finally:
        if found.held is not None:
            box.traffic.leave(found.held)


async def _inline(box: Sandbox, work: Any) -> Answer:
    """Done here when nobody else is at the state, else on a thread, so that others are not held up meanwhile."""
    if not box.store.lock.acquire(blocking=False):
        done: Answer = await asyncio.to_thread(work)
        return done
    try:
        now: Answer = work()
        return now
    finally:
        box.store.lock.release()


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None for one that is too long."""
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > _MOST:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _upload(headers: Headers, body: bytes) -> Upload | None:
    if not headers.get("content-type", "").startswith("multipart/form-data"):
        return None

    async def stream() -> AsyncIterator[bytes]:
        yield body
        yield b""

    try:
        form = await MultiPartParser(headers, stream()).parse()  # type: ignore[arg-type]
    except (MultiPartException, KeyError):
        return None
    sent = form.get("media")
    if not isinstance(sent, UploadFile):
        return None
    return Upload(sent.filename or "", sent.content_type or "", await sent.read())


async def _send(found: Answer, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in found.headers]
    headers.append((b"Content-Length", str(len(found.body)).encode()))
    await send({"type": "http.response.start", "status": found.status, "headers": headers})
    await send({"type": "http.response.body", "body": found.body})


async def _drop(send: Send) -> None:
    """End the connection without a word, where the server lets us get at it."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the connection was dropped")
    transport.abort()
    for _ in range(3):
        await asyncio.sleep(0)


__all__ = ["app"]
