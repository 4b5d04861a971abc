"""The platform's limits that can be checked before a call; each refusal names the limit."""

from __future__ import annotations

from collections.abc import Sized

from tiefen.wecom.client.errors import LimitExceeded


def at_most(endpoint: str, field: str, given: Sized | None, limit: int) -> None:
    """So many items (or characters of a text)."""
    if given is not None and len(given) > limit:
        raise LimitExceeded(endpoint, field, f"at most {limit}", str(len(given)))


def some(endpoint: str, field: str, given: Sized | None) -> None:
    """At least one item."""
    if not given:
        raise LimitExceeded(endpoint, field, "at least 1", "0")


def at_most_bytes(endpoint: str, field: str, text: str | None, limit: int) -> None:
    """A text by its length in UTF-8."""
    if text is not None and (size := len(text.encode())) > limit:
        raise LimitExceeded(endpoint, field, f"at most {limit} bytes", f"{size} bytes")


def one_of(endpoint: str, field: str, given: int | str, allowed: tuple[int | str, ...]) -> None:
    """One of a few values."""
    if given not in allowed:
        raise LimitExceeded(endpoint, field, f"one of {', '.join(map(str, allowed))}", repr(given))


def between(endpoint: str, field: str, given: float, low: float, high: float) -> None:
    """A number in a range, both ends included."""
    if not low <= given <= high:
        raise LimitExceeded(endpoint, field, f"{low} to {high}", str(given))


def anything(endpoint: str, fields: str, *given: object) -> None:
    """Not all of these may be empty."""
    if not any(given):
        raise LimitExceeded(endpoint, fields, "at least one of them", "none")


def span(endpoint: str, start: int, end: int, days: float) -> None:
    """A stretch of time (seconds since 1970) that is not backwards and no longer than so many days."""
    if end < start:
        raise LimitExceeded(endpoint, "end_time", "not before the start", str(end))
    if end - start > days * 86_400:
        raise LimitExceeded(
            endpoint, "end_time", f"at most {days:g} days after the start", f"{(end - start) / 86_400:.1f} days"
        )
