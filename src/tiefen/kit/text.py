"""Text that any store can keep."""

from __future__ import annotations

from typing import Any

import msgspec


def clean(text: str) -> str:
    """The text without U+0000 and lone surrogates, which PostgreSQL and UTF-8 cannot hold."""
    if "\0" in text:
        text = text.replace("\0", "")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            text = text.encode("utf-8", "replace").decode()
    return text


def clean_values(value: Any) -> Any:
    """A JSON value, or one of named tuples and such, with every text in it clean."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(str(key)): clean_values(one) for key, one in value.items()}
        case list() | tuple():
            return [clean_values(one) for one in value]
        case _:
            return value


def to_json(value: Any) -> str:
    """A value as JSON text that any store can keep. What is no JSON becomes its `str`."""
    try:
        text = msgspec.json.encode(value, enc_hook=str).decode()
    except UnicodeEncodeError:
        return msgspec.json.encode(clean_values(msgspec.to_builtins(value, enc_hook=str))).decode()
    return msgspec.json.encode(clean_values(msgspec.json.decode(text))).decode() if "\\u0000" in text else text
