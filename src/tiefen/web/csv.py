"""CSV that a spreadsheet opens as it should: UTF-8 with a BOM, streamed, and nothing in it is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.responses import StreamingResponse

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins with one of these is run by some spreadsheet; the wide forms by Excel in East Asian locales."""
_CHUNK = 64 * 1024


def safe(value: Any) -> Any:
    """A cell. Text that would be a formula is preceded by an apostrophe; numbers stay numbers."""
    if isinstance(value, str):
        begins = value.lstrip(" ")
        return f"'{value}" if begins.startswith(_DANGEROUS) else value
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else value


def lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file in pieces."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow([safe(cell) for cell in header])
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
        if buffer.tell() > _CHUNK:
            yield buffer.getvalue().encode("utf-8", "replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8", "replace")


def download(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingResponse:
    """A CSV file to be saved as `name`."""
    return StreamingResponse(lines(header, rows), media_type="text/csv; charset=utf-8", headers=saved_as(name))


def saved_as(name: str) -> dict[str, str]:
    """Headers of a download; it is private and never kept by caches."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "private, no-store"}


CSV_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
