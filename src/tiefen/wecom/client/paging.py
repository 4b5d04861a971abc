"""Walking through pages: resumable, and never in a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from tiefen.wecom.client.errors import CursorRepeated
from tiefen.wecom.client.wire import Page, Reply

_P = TypeVar("_P", bound=Page)
_R = TypeVar("_R", bound=Reply)
_C = TypeVar("_C", str, int)


def every_page(endpoint: str, ask: Callable[[str], _P], cursor: str = "") -> Iterator[tuple[_P, str]]:
    """Each page with the cursor of the one after it; "" after the last. Only an empty cursor ends: a page may be empty.

    Whoever stores the cursor along with what the page held can go on from there after a crash. A cursor that comes
    again is a `CursorRepeated`, raised before its page is given out.
    """
    return walk(endpoint, ask, cursor, lambda page: page.next_cursor)


def walk(endpoint: str, ask: Callable[[_C], _R], cursor: _C, following: Callable[[_R], _C]) -> Iterator[tuple[_R, _C]]:
    """The same for pages that go on by something else than `next_cursor`."""
    seen = {cursor} if cursor else set()
    pages = 0
    while True:
        page = ask(cursor)
        cursor = following(page)
        pages += 1
        if cursor in seen:
            raise CursorRepeated(endpoint, pages)
        yield page, cursor
        if not cursor:
            return
        seen.add(cursor)
