"""Answers as JSON: quickly, with an ETag, and never a number that JSON has not."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

_encoder = msgspec.json.Encoder(enc_hook=str)
_SAFE_INT = 2**53


def encoded(value: Any) -> bytes:
    """JSON in UTF-8; NaN becomes null, and text that UTF-8 cannot hold is escaped."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value, enc_hook=str)).encode()


def answer(value: Any, request: Request | None = None, *, status: int = 200) -> Response:
    """A JSON answer. With the request, the browser's copy is used where it still holds (304)."""
    body = encoded(value)
    if request is None:
        return Response(body, status_code=status, media_type="application/json", headers={"Cache-Control": "no-store"})
    tag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def exact(value: Any) -> Any:
    """A kept body for a browser: whole numbers that JavaScript cannot hold become text."""
    if isinstance(value, bool) or not isinstance(value, (int, dict, list, tuple)):
        return value
    if isinstance(value, int):
        return value if -_SAFE_INT < value < _SAFE_INT else str(value)
    if isinstance(value, dict):
        return {key: exact(inner) for key, inner in value.items()}
    return [exact(inner) for inner in value]
