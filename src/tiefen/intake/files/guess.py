"""What a file is and which column means what: a guess, to be shown and corrected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tiefen.intake.files.formats import FORMATS, Field, Format
from tiefen.intake.files.readers import Opened, Rows
from tiefen.intake.files.values import fen_of, time_reader

_PLAIN = re.compile(r"[\s_\-./()（）:：]+")


def guess_format(path: Path, opened: Opened | None, sample: Rows | None) -> tuple[Format, float]:
    """(the format, how sure: 0…1) of a file."""
    for format in FORMATS:
        if format.recognise is not None and format.recognise(path):
            return format, 1.0
    if opened is None or sample is None:
        return FORMATS[0], 0.0
    scored: list[tuple[bool, float, float, int, Format]] = []
    for format in FORMATS:
        if format.recognise is None:
            mapping = guess_mapping(format, opened.columns, sample)
            needed = format.required
            have = sum(key in mapping for key in needed)
            fit = len(mapping) / max(1, len(opened.columns))
            named = any(word in path.stem.lower() for word in (format.key, format.key.rstrip("s"), format.zh))
            scored.append((have == len(needed), _telling(format, mapping), fit + 0.2 * named, -len(scored), format))
    best = max(scored, key=lambda entry: entry[:4])
    return best[4], round(min(1.0, (0.5 if best[0] else 0.1) + 0.5 * min(1.0, best[2])), 2)


_TELLING = {
    "chat": {"text", "message_id", "reply_to_member", "length", "mentions"}, "members": {"joined_at"},
    "orders": {"order_id", "amount", "unit_price", "sku"}, "contacts": {"source", "won_at", "staff"},
    "costs": {"amount", "source"},
}  # fmt: skip


def _telling(format: Format, mapping: dict[str, str]) -> float:
    """How much of what only this format has was found."""
    telling = _TELLING[format.key]
    return len(telling & set(mapping)) / len(telling) * (1 if format.key != "costs" or len(mapping) == 3 else 0.5)


def guess_mapping(format: Format, columns: Sequence[str], sample: Rows) -> dict[str, str]:
    """field → column. Exact headings first, then headings that contain one; a column serves one field only."""
    mapping: dict[str, str] = {}
    free = list(columns)
    for exact in (True, False):
        for field in format.fields:
            if field.key in mapping:
                continue
            column = next((c for h in (field.key, *field.headings) for c in free if _same(h, c, exact)), None)
            if column is not None and _fits(field, sample.columns.get(column, ())):
                mapping[field.key] = column
                free.remove(column)
    return mapping


def _same(heading: str, column: str, exact: bool) -> bool:
    wanted, given = _PLAIN.sub("", heading.lower()), _PLAIN.sub("", column.lower())
    if exact:
        return wanted == given
    # A Chinese heading may be part of a longer one; English words that short would be found everywhere.
    return not wanted.isascii() and len(wanted) >= 2 and wanted in given


def _fits(field: Field, cells: Sequence[Any]) -> bool:
    """Whether the first cells could be what the field holds; an empty column could be anything."""
    some = [cell for cell in cells[:200] if cell not in (None, "")]
    if not some:
        return True
    match field.like:
        case "time":
            read = time_reader("UTC")
            return sum(read(cell) is not None for cell in some) >= len(some) * 0.5
        case "amount":
            return sum(fen_of(cell) is not None for cell in some) >= len(some) * 0.5
        case _:
            return True
