"""JSON as WeCom takes and gives it: UTF-8 without escapes on the way out, forgiving on the way in."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from tiefen.wecom.client.codes import class_of
from tiefen.wecom.client.errors import MalformedReply, WeComError


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What every answer begins with. Unknown fields are ignored, unknown numbers kept."""

    errcode: int = 0
    errmsg: str = ""


class Page(Reply, frozen=True, kw_only=True):
    """An answer that goes on as long as `next_cursor` is not empty, however few rows a page has."""

    next_cursor: str = ""


R = TypeVar("R", bound=msgspec.Struct)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HINT = re.compile(r"hint: ?\[([^\]]*)\]")
_FROM_IP = re.compile(r"from ip: ?([0-9a-fA-F.:]{3,45})")
_SECRET = re.compile(r"((?:access_token|corpsecret|secret)=)[^&\s\"']+")


def encode(body: Any) -> bytes:
    """A body without `\\uXXXX` (40033): control characters, which JSON can only escape, are left out."""
    written = msgspec.json.encode(body)
    return msgspec.json.encode(_without_control(body)) if b"\\u" in written else written


def _without_control(value: Any) -> Any:
    match msgspec.to_builtins(value):
        case str(text):
            return _CONTROL.sub("", text)
        case list(items):
            return [_without_control(item) for item in items]
        case dict(items):
            return {key: _without_control(item) for key, item in items.items()}
        case other:
            return other


def given(**fields: Any) -> dict[str, Any]:
    """The fields that were given: those that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


class _Envelope(msgspec.Struct, frozen=True):
    errcode: int
    errmsg: str = ""


def outcome(raw: bytes, endpoint: str) -> WeComError | None:
    """The error in an answer; None for success. `MalformedReply` for what is no answer of WeCom's."""
    try:
        envelope = msgspec.json.decode(raw, type=_Envelope, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedReply(endpoint, scrub(str(error))) from None
    if envelope.errcode == 0:
        return None
    text = scrub(envelope.errmsg)
    hint, address = _HINT.search(text), _FROM_IP.search(text)
    plain = re.split(r", (?:hint:|from ip:|more info at)", text, maxsplit=1)[0].strip()
    return class_of(envelope.errcode, endpoint)(
        envelope.errcode, plain[:300], endpoint, hint.group(1) if hint is not None else "",
        from_ip=address.group(1) if address is not None else "",
    )  # fmt: skip


def decode(raw: bytes, kind: type[R], endpoint: str) -> R:
    """A successful answer as its type. A null counts as absent; anything else unexpected is a `MalformedReply`."""
    try:
        return msgspec.json.decode(raw, type=kind, strict=False)
    except msgspec.ValidationError:
        pass
    try:
        return msgspec.convert(_without_null(msgspec.json.decode(raw)), kind, strict=False)
    except msgspec.ValidationError as error:
        raise MalformedReply(endpoint, str(error)) from None


def _without_null(value: Any) -> Any:
    match value:
        case list():
            return [_without_null(item) for item in value if item is not None]
        case dict():
            return {key: _without_null(item) for key, item in value.items() if item is not None}
        case _:
            return value


def scrub(text: str) -> str:
    """A text without tokens and secrets that stand in it as parameters of a URL."""
    return _SECRET.sub(r"\1…", text)
