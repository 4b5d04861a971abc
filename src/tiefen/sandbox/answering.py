"""One call answered: who it is, whether it is let in, what the endpoint says, in WeCom's envelope.

https://developer.work.weixin.qq.com/document/path/90930, 90313
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec
import structlog

from tiefen.sandbox.corps import App
from tiefen.sandbox.endpoints import ENDPOINTS
from tiefen.sandbox.endpoints.base import Call, Endpoint, File, Refused, Upload
from tiefen.sandbox.endpoints.errcodes import errmsg
from tiefen.sandbox.limits import COMMON, Limit
from tiefen.sandbox.state import dump
from tiefen.sandbox.traffic import Pass

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

log = structlog.get_logger()
BY_PATH: dict[str, Endpoint] = {endpoint.path: endpoint for endpoint in ENDPOINTS}
_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")
_SECRET = re.compile(r"((?:access_token|corpsecret)=)[^&]{4}[^&]*")
_KEPT_OF_TEXT = 4_000
_WRONG_FORMAT = "Warning: wrong json format. "
_DEBUG = Limit("app", "minute", 5)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    """After `/cgi-bin/`."""
    query: str = ""
    body: bytes = b""
    ip: str = "127.0.0.1"
    range: str = ""
    upload: Upload | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `seconds` it is held up before; `dropped` ends the connection instead."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    errcode: int = 0
    seconds: float = 0.0
    dropped: bool = False
    held: Pass | None = None


@dataclass(slots=True)
class _Caller:
    """What was found out about a call before it failed, for the log."""

    corpid: str = ""
    agentid: int = 0
    held: Pass | None = None
    warning: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


def answer(box: Sandbox, request: Request) -> Answer:
    """The answer to a call. Every call is logged; `held` must be given back to `box.traffic` once it is sent."""
    endpoint = BY_PATH.get(request.path)
    if endpoint is None:
        return Answer(404, (("Server", "nginx"), ("Content-Type", "text/html")), b"")
    began = time.perf_counter()
    caller = _Caller()
    with box.act():
        number = box.store.number("call")
        early = _fault_before(box, endpoint, number)
        found = early or _answered(box, endpoint, request, caller, number)
        dropped = found.dropped or (early is None and _happens(box, endpoint, "dropped", number, later=True))
        found = replace(found, seconds=box.faults.of("slow", endpoint.path), held=caller.held, dropped=dropped)
        _log(box, request, caller, found, time.perf_counter() - began)
    return found


def refusal(endpoint: Endpoint | None, refused: Refused, ip: str, now: float, number: int, warning: str = "") -> Answer:
    """An error in its envelope."""
    code, words = refused.errcode, f"{refused.words} " if refused.words else ""
    hint = f"{int(now)}{number * 7_919 % 10**15:015d}"
    text = (
        f"{warning}{words}{errmsg(code)}, hint: [{hint}], from ip: {ip}, "
        f"more info at https://open.work.weixin.qq.com/devtool/query?e={code}"
    )
    empty = {} if endpoint is None else endpoint.empty
    return _json(code, text, {**empty, **refused.fields})


def _answered(box: Sandbox, endpoint: Endpoint, request: Request, caller: _Caller, number: int) -> Answer:
    now = box.clock.now()
    try:
        params = _params(request.query)
        body, caller.warning = _body(box, endpoint, request)
        caller.body = body
        if endpoint.token:
            app = _app_of(box, params, now, caller)
            _let_in(box, endpoint, request, app, params, now)
            caller.held = _enter(box, endpoint, app, body)
        else:
            app = None
            _let_in_unknown(box, endpoint, request, now)
        _trouble(box, endpoint, number)
        with box.store.attempt():
            found = _handled(box, endpoint, request, app, params, body, now)
        if isinstance(found, File):
            return _file(found, request.range)
        return _json(0, caller.warning + endpoint.errmsg, found)
    except Refused as refused:
        if not endpoint.token:
            _wrong_secret(box, refused, request.ip, now)
        return refusal(endpoint, refused, request.ip, now, number, caller.warning)


def _handled(
    box: Sandbox, endpoint: Endpoint, request: Request, app: App | None, params: Mapping[str, str],
    body: Mapping[str, Any], now: float,
) -> dict[str, Any] | File:  # fmt: skip
    if app is None:
        # Only gettoken: it asks who somebody is.
        from tiefen.sandbox.endpoints.account import gettoken

        return gettoken(box, params.get("corpid", ""), params.get("corpsecret", ""), now)
    corp = box.corps_kept.corp(app.corpid)
    return endpoint.handler(Call(box, endpoint, corp, app, params, body, now, request.ip, request.upload))


# ---- what was sent ----


def _params(query: str) -> dict[str, str]:
    params: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        params.setdefault(name, value)
    return params


def _body(box: Sandbox, endpoint: Endpoint, request: Request) -> tuple[Mapping[str, Any], str]:
    """The body and a warning. One that is no JSON object counts as empty and is warned of."""
    if request.method != endpoint.method and (box.strict or endpoint.method == "POST"):
        raise Refused(43001 if endpoint.method == "GET" else 43002)
    if endpoint.method == "GET" or request.upload is not None or not request.body:
        return {}, ""
    if box.strict and _ESCAPE.search(request.body):
        raise Refused(40033)
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}, _WRONG_FORMAT
    return (body, "") if isinstance(body, dict) else ({}, _WRONG_FORMAT)


# ---- whether it is let in ----


def _app_of(box: Sandbox, params: Mapping[str, str], now: float, caller: _Caller) -> App:
    token = params.get("access_token", "")
    if not token:
        raise Refused(41001)
    row = box.store.one("SELECT * FROM tokens WHERE token = ?", token)
    if row is None or row["revoked"]:
        raise Refused(40014)
    caller.corpid, caller.agentid = row["corpid"], row["agentid"]
    if row["expires"] <= now:
        raise Refused(42001)
    return box.corps_kept.app(row["corpid"], row["agentid"])


def _let_in(
    box: Sandbox, endpoint: Endpoint, request: Request, app: App, params: Mapping[str, str], now: float
) -> None:
    if app.disabled:
        raise Refused(50003)
    if app.trusted_ips is not None and app.trusted_ips.get(request.ip, now + 1) > now:
        raise Refused(301042 if app.kind == "archive" else 60020)
    if box.limits:
        scopes = _scopes(endpoint, app.corpid, app.agentid, request.ip)
        if params.get("debug") == "1":
            scopes.append((f"debug:{app.corpid}:{app.agentid}", _DEBUG))
        _admit(box, scopes, request.ip, now)
    if endpoint.permission and endpoint.permission not in app.permissions:
        raise Refused(48002)


def _let_in_unknown(box: Sandbox, endpoint: Endpoint, request: Request, now: float) -> None:
    if box.limits:
        scopes = [(f"ip:{request.ip}:{endpoint.path}", limit) for limit in COMMON if limit.per == "ip"]
        _admit(box, scopes, request.ip, now)


def _admit(box: Sandbox, scopes: list[tuple[str, Limit]], ip: str, now: float) -> None:
    if box.limiter.blocked(_wrong(ip), now) or not box.limiter.admit(scopes, now):
        raise Refused(45009)


def _scopes(endpoint: Endpoint, corpid: str, agentid: int, ip: str) -> list[tuple[str, Limit]]:
    who = {"corp": corpid, "app": f"{corpid}/{agentid}", "ip": ip}
    # An endpoint's own limit stands in place of the common one of the same window.
    limits = {(limit.per, limit.window): limit for limit in (*COMMON, *endpoint.limits)}.values()
    return [(f"{limit.per}:{who[limit.per]}:{endpoint.path}", limit) for limit in limits]


def _wrong_secret(box: Sandbox, refused: Refused, ip: str, now: float) -> None:
    """Whoever tries secrets is shut out for an hour."""
    if box.limits and refused.errcode in (40001, 40013):
        box.limiter.admit([(_wrong(ip), Limit("ip", "hour", box.setting("wrong_secrets")))], now)


def _wrong(ip: str) -> str:
    return f"wrong:{ip}"


def _enter(box: Sandbox, endpoint: Endpoint, app: App, body: Mapping[str, Any]) -> Pass | None:
    if not box.limits:
        return None
    record = None if endpoint.record is None else endpoint.record(body)
    found = box.traffic.enter(app.corpid, endpoint.path, record, box.setting("at_once"))
    if isinstance(found, int):
        raise Refused(found)
    return found


# ---- what goes wrong on purpose ----


def _happens(box: Sandbox, endpoint: Endpoint, fault: str, number: int, *, later: bool = False) -> bool:
    chance = box.faults.of(fault, endpoint.path)
    if not chance or box.seeds.share(fault, number) >= chance:
        return False
    return fault != "dropped" or later == (box.seeds.share("dropped later", number) < 0.5)


def _fault_before(box: Sandbox, endpoint: Endpoint, number: int) -> Answer | None:
    if _happens(box, endpoint, "http_5xx", number):
        return Answer(502, (("Server", "nginx"), ("Content-Type", "text/html")), b"<html>502 Bad Gateway</html>")
    if _happens(box, endpoint, "dropped", number):
        return Answer(0, (), b"", dropped=True)
    return None


def _trouble(box: Sandbox, endpoint: Endpoint, number: int) -> None:
    if _happens(box, endpoint, "busy", number):
        raise Refused(-1)
    if _happens(box, endpoint, "storm", number):
        raise Refused(45009)


# ---- what goes back ----


def _json(code: int, text: str, fields: Mapping[str, Any]) -> Answer:
    body = msgspec.json.encode({"errcode": code, "errmsg": text, **fields})
    headers = (
        ("Server", "nginx"), ("Content-Type", "application/json; charset=UTF-8"), ("Error-Code", str(code)),
        ("Error-Msg", text.encode("ascii", "replace").decode()),
    )  # fmt: skip
    return Answer(200, headers, body, code)


def _file(found: File, asked: str) -> Answer:
    headers = (
        ("Server", "nginx"), ("Content-Type", found.content_type), ("Accept-Ranges", "bytes"),
        ("Content-Disposition", f'attachment; filename="{found.filename.encode("ascii", "replace").decode()}"'),
    )  # fmt: skip
    part = re.fullmatch(r"bytes=(\d+)-(\d*)", asked)
    if part is None:
        return Answer(200, headers, found.content)
    whole = len(found.content)
    first, last = int(part[1]), min(int(part[2] or whole - 1), whole - 1)
    if first > last:
        return Answer(416, (*headers, ("Content-Range", f"bytes */{whole}")), b"")
    said = ("Content-Range", f"bytes {first}-{last}/{whole}")
    return Answer(206, (*headers, said), found.content[first : last + 1])


def _log(box: Sandbox, request: Request, caller: _Caller, found: Answer, seconds: float) -> None:
    if isinstance(request.upload, Upload):
        sent = dump({"filename": request.upload.filename, "bytes": len(request.upload.content)})
    else:
        sent = request.body[:_KEPT_OF_TEXT].decode(errors="replace")
    shown = "" if found.status in (206, 404) else found.body[:_KEPT_OF_TEXT].decode(errors="replace")
    written = box.store.run(
        "INSERT INTO calls (corpid, agentid, at, ip, method, path, params, body, status, errcode, answer, seconds)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            caller.corpid, caller.agentid, box.clock.now(), request.ip, request.method, request.path,
            _SECRET.sub(r"\1…", request.query), sent, found.status, found.errcode, _SECRET.sub(r"\1…", shown), seconds,
        ),
    )  # fmt: skip
    if (last := written.lastrowid or 0) % 100 == 0:
        box.store.run("DELETE FROM calls WHERE id <= ?", (last - box.setting("calls_kept"),))
