"""From bytes to calls: sizes, encodings, and what a call must have. Pure; nothing here knows HTTP or the ledger.

Source: Segment, "HTTP Tracking API" (endpoints, limits) and "Spec: Common Fields"; docs/tracking.md says where we differ.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from tiefen.kit.errors import TiefenError

MOST_BATCH_BYTES = 600_000
"""Segment says 500 KB; its Python library sends up to 32 KB more, and its re-encoding a little beyond that."""
MOST_EVENT_BYTES = 32 << 10
MOST_EVENTS = 2_500
MOST_PROPERTIES = 10_000
MOST_ID_LENGTH = 512
TYPES = frozenset({"track", "identify", "page", "screen", "group", "alias"})


@dataclass(eq=False)
class BadJson(TiefenError):
    says = "The body is not JSON: {why}."

    why: str


@dataclass(eq=False)
class TooLarge(TiefenError):
    says = "The body is larger than {most} bytes."

    most: int


@dataclass(eq=False)
class BadEncoding(TiefenError):
    says = "The body cannot be decoded as {encoding}."

    encoding: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that is not kept as a fact, whole, and why."""

    raw: Mapping[str, Any]
    code: str
    reason: Mapping[str, Any]


def unpack(body: bytes, encoding: str) -> bytes:
    """Undo `Content-Encoding`, never into more than a batch may hold."""
    match encoding.strip().lower():
        case "" | "identity":
            plain = body
        case "gzip" | "x-gzip" | "deflate" as name:
            try:
                inflater = zlib.decompressobj(zlib.MAX_WBITS | 32 if name != "deflate" else zlib.MAX_WBITS)
                plain = inflater.decompress(body, MOST_BATCH_BYTES + 1)
            except zlib.error as error:
                raise BadEncoding(name) from error
            if len(plain) <= MOST_BATCH_BYTES and not inflater.eof:
                raise BadEncoding(name)
        case other:
            raise BadEncoding(other)
    if len(plain) > MOST_BATCH_BYTES:
        raise TooLarge(MOST_BATCH_BYTES)
    return plain


_decoder = msgspec.json.Decoder()


def parse(body: bytes, charset: str = "utf-8") -> dict[str, Any]:
    """The JSON object in the body."""
    try:
        if charset.lower().replace("_", "-") not in {"utf-8", "utf8", "us-ascii", ""}:
            body = body.decode(charset).encode()
        parsed = _decoder.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (UnicodeError, LookupError) as error:
        raise BadEncoding(charset) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadJson(str(error)) from error
    if not isinstance(parsed, dict):
        raise BadJson("an object was expected")
    return parsed


def calls_in(parsed: dict[str, Any], kind: str) -> tuple[list[Any], dict[str, Any]]:
    """The calls of a request, each with its type and when it was sent, and the context they share.

    What is shared stays apart: written into each call, half a megabyte of it would become a gigabyte.
    """
    if kind not in {"batch", "import"}:
        parsed["type"] = kind
        return [parsed], {}
    batch = parsed.get("batch")
    if not isinstance(batch, list):
        raise BadJson("`batch` must be a list")
    sent, shared = parsed.get("sentAt"), parsed.get("context")
    for call in batch:
        if sent and isinstance(call, dict) and not call.get("sentAt"):
            call["sentAt"] = sent
    return batch, shared if isinstance(shared, dict) else {}


def fault(call: Any, size: int | None = None) -> Refused | None:
    """Why a call cannot be kept; None where it can."""
    if not isinstance(call, dict):
        return Refused({"value": call}, "not_an_object", {})
    kind = call.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        return Refused(call, "unknown_type", {"type": str(kind)[:100]})
    who = call.get("userId") or call.get("anonymousId")
    if kind == "alias":
        who = who and call.get("previousId")
    if not _is_id(who) or not _is_id(call.get("userId"), empty=True) or not _is_id(call.get("anonymousId"), empty=True):
        return Refused(call, "no_id", {})
    message = call.get("messageId")
    if message is not None and not (isinstance(message, str) and len(message) <= 100):
        return Refused(call, "bad_message_id", {})
    if kind == "track" and not (isinstance(call.get("event"), str) and 0 < len(call["event"].strip()) <= 200):
        return Refused(call, "no_event_name", {})
    if kind == "group" and not _is_id(call.get("groupId")):
        return Refused(call, "no_group_id", {})
    for field in ("properties", "traits", "context"):
        value = call.get(field)
        if value is not None and not isinstance(value, dict):
            return Refused(call, "not_an_object", {"field": field})
        if value is not None and len(value) > MOST_PROPERTIES:
            return Refused(call, "too_many_properties", {"field": field, "most": MOST_PROPERTIES})
    if size is not None and size > MOST_EVENT_BYTES:
        return Refused(
            {"messageId": call.get("messageId"), "type": kind}, "too_large", {"bytes": size, "most": MOST_EVENT_BYTES}
        )
    return None


def _is_id(value: Any, *, empty: bool = False) -> bool:
    if value is None or value == "":
        return empty
    if isinstance(value, str):
        return len(value) <= MOST_ID_LENGTH
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
