"""Text that any store can keep."""

from __future__ import annotations


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
