"""Pages by key: each begins after the last row of the one before, however much has come in since.

A cursor is opaque to whoever holds it, and is looked at like any other input.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from tiefen.web.errors import BadCursor
from tiefen.web.inputs import MOST_ID

Value = int | float | str
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class By:
    """One expression a list is ordered by; it is never NULL."""

    sql: str
    kind: type
    """int, float or str."""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Keyset:
    """The order of a list, whose last expression no two rows share."""

    by: tuple[By, ...]

    @property
    def order(self) -> str:
        return ", ".join(f"{b.sql} {'DESC' if b.descending else 'ASC'}" for b in self.by)

    @property
    def columns(self) -> str:
        """The expressions as columns `_k0`, `_k1`, …, from which `next_of` makes a cursor."""
        return ", ".join(f"{b.sql} AS _k{i}" for i, b in enumerate(self.by))

    @property
    def _tag(self) -> str:
        return blake2b(self.order.encode(), digest_size=4).hexdigest()

    def after(self, cursor: str | None) -> tuple[str, list[Value]]:
        """A condition in SQL, with its parameters, for the rows after a cursor; all rows without one."""
        if cursor is None:
            return "true", []
        values = self._values(cursor)
        parts, parameters = [], []
        for i, by in enumerate(self.by):
            equal = " AND ".join(f"{b.sql} = ?" for b in self.by[:i])
            beyond = f"{by.sql} {'<' if by.descending else '>'} ?"
            parts.append(f"({equal} AND {beyond})" if equal else beyond)
            parameters += [*values[:i], values[i]]
        return f"({' OR '.join(parts)})", parameters

    def next_of(self, row: dict[str, Any]) -> str:
        """The cursor of a row that was read with `columns`."""
        return encode_cursor(self._tag, *(row[f"_k{i}"] for i in range(len(self.by))))

    def _values(self, cursor: str) -> list[Value]:
        tag, *values = decode_cursor(cursor)
        if tag != self._tag or len(values) != len(self.by):
            raise BadCursor
        return [_typed(value, by.kind) for value, by in zip(values, self.by, strict=True)]


def encode_cursor(*values: Value) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    """The values in a cursor; one that was never given out is refused."""
    try:
        values = msgspec.json.decode(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, msgspec.MsgspecError, RecursionError):
        raise BadCursor from None
    if not isinstance(values, list) or not values:
        raise BadCursor
    return values


def cursor_number(cursor: str | None, what: str) -> int | None:
    """The number in a cursor of a list ordered by one number."""
    if cursor is None:
        return None
    values = decode_cursor(cursor)
    if len(values) != 2 or values[0] != what:
        raise BadCursor
    number: int = _typed(values[1], int)
    return number


def number_cursor(number: int, what: str) -> str:
    return encode_cursor(what, number)


def page_of(rows: Sequence[T], limit: int) -> tuple[Sequence[T], T | None]:
    """Of `limit + 1` rows, those to show, and the last of them where there are more."""
    return (rows[:limit], rows[limit - 1]) if len(rows) > limit else (rows, None)


def _typed(value: Any, kind: type) -> Any:
    if kind is str:
        fits = isinstance(value, str) and "\0" not in value
    elif isinstance(value, bool):
        fits = False
    elif kind is int:
        fits = isinstance(value, int) and -MOST_ID <= value <= MOST_ID
    else:
        fits = isinstance(value, (int, float)) and abs(value) < 1e300 and math.isfinite(value)
        value = float(value) if fits else value
    if not fits:
        raise BadCursor
    return value
