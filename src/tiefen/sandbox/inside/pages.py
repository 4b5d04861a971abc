"""The routes: the page's files, and the API with what each address answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tiefen.kit.errors import TiefenError
from tiefen.sandbox.box import Sandbox
from tiefen.sandbox.endpoints.base import Refused
from tiefen.sandbox.inside import acts, changes, looks
from tiefen.sandbox.inside.asked import Asked, BadRequest

log = structlog.get_logger()
Work = Callable[[Asked], Any]
STATIC = Path(__file__).parent / "static"
_PREFIX = "/_sandbox"
_MOST_BODY = 2**20
_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none';"
    " base-uri 'none'; form-action 'none'"
)
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_encoder = msgspec.json.Encoder(enc_hook=str)

READS: Mapping[str, Work] = {
    "": looks.overview,
    "/clock": looks.clock,
    "/faults": looks.faults,
    "/acts": acts.acts,
    "/calls": looks.calls,
    "/calls/endpoints": looks.endpoints,
    "/corps/{corpid}": looks.corp,
    "/corps/{corpid}/staff": looks.staff,
    "/corps/{corpid}/staff/{userid}": looks.one_staff,
    "/corps/{corpid}/staff/{userid}/customers": looks.customers,
    "/corps/{corpid}/staff/{userid}/talk": looks.talk,
    "/corps/{corpid}/people": looks.people,
    "/corps/{corpid}/people/{person}": looks.one_person,
    "/corps/{corpid}/codes": looks.codes,
    "/corps/{corpid}/tags": looks.tags,
    "/corps/{corpid}/callbacks": looks.callbacks,
    "/corps/{corpid}/groups": looks.groups,
    "/corps/{corpid}/groups/{chat_id}": looks.one_group,
    "/corps/{corpid}/groups/{chat_id}/talk": looks.group_talk,
}
WRITES: Mapping[str, Work] = {
    "/clock": changes.set_clock,
    "/faults": changes.set_faults,
    "/settings": changes.set_settings,
    "/corps": changes.add_corp,
    "/corps/{corpid}/callback": changes.set_callback,
    "/corps/{corpid}/shop": changes.set_shop,
    "/corps/{corpid}/app": changes.set_app,
    "/corps/{corpid}/acts": acts.do,
    "/corps/{corpid}/callbacks/{number}/resend": changes.resend,
}


def routes(box: Sandbox) -> list[BaseRoute]:
    """Everything under `/_sandbox` but the archive."""
    found: list[BaseRoute] = [Route(_PREFIX, lambda _: RedirectResponse(f"{_PREFIX}/"))]
    for path in sorted({*READS, *WRITES}):
        found.append(_api(box, path))
    found.append(Route(f"{_PREFIX}/api/{{rest:path}}", _nothing))
    found.append(Route(f"{_PREFIX}/{{path:path}}", _file))
    return found


def _api(box: Sandbox, path: str) -> Route:
    read, write = READS.get(path), WRITES.get(path)

    async def answer(request: Request) -> Response:
        work = read if request.method in ("GET", "HEAD") else write
        if work is None:
            return _refused(405, "method_not_allowed", "This address takes no such request.")
        try:
            asked = Asked(box, request.path_params, await _given(request))
            return _said(200, await asyncio.to_thread(_done, box, work, asked, reads=work is read))
        except TiefenError as error:
            return _refused(error.status, error.code, str(error), error.facts)
        except Refused as error:
            return _refused(409, "wecom_refuses", f"WeCom would refuse with {error.errcode}. {error.words}".strip())
        except Exception as error:
            log.exception("the sandbox's page failed", path=path)
            return _refused(500, "internal", f"Something broke here: {type(error).__name__}.")

    return Route(f"{_PREFIX}/api{path}", answer, methods=["GET", "POST"])


def _done(box: Sandbox, work: Work, asked: Asked, *, reads: bool) -> Any:
    """A read sees one state; a write locks by itself, since some of them wait for others to answer."""
    if not reads:
        return work(asked)
    with box.store.lock:
        return work(asked)


async def _given(request: Request) -> Mapping[str, Any]:
    if request.method in ("GET", "HEAD"):
        return dict(request.query_params)
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise Foreign
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise BadRequest("Content-Type", "is not application/json")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BODY:
            raise BadRequest("body", "is longer than 1 MB")
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("body", "is not JSON") from None
    if not isinstance(given, dict):
        raise BadRequest("body", "is not a JSON object")
    return given


class Foreign(TiefenError):
    """Another web page tries to act through somebody's browser."""

    status = 403
    says = "The request comes from another page."


def _said(status: int, value: Any) -> Response:
    return Response(_encoder.encode(value), status, {"Cache-Control": "no-store"}, "application/json")


def _refused(status: int, code: str, message: str, facts: Mapping[str, Any] | None = None) -> Response:
    return _said(status, {"code": code, "message": message, "facts": facts or {}})


def _nothing(_: Request) -> Response:
    return _refused(404, "not_found", "There is nothing at this address.")


def _file(request: Request) -> Response:
    """A file of the page; the page itself for any other address."""
    wanted = (STATIC / (request.path_params["path"] or "index.html")).resolve()
    if not wanted.is_relative_to(STATIC) or not wanted.is_file() or wanted.suffix not in _KINDS:
        return _nothing(request)
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
    return FileResponse(wanted, media_type=_KINDS[wanted.suffix], headers=headers)
