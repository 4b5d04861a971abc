"""IRC 日志 — lines such as `[12:34] <nick> text`, `2026-11-26 12:34:56 <nick> text`, `12:34 -!- nick has joined #channel`.

A clock that runs backwards is the next day; lines of a day's header set the date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from tiefen.intake.files.errors import FileEmpty, FileUnreadable
from tiefen.intake.files.formats import chat
from tiefen.intake.files.formats.base import Format
from tiefen.intake.files.readers import CHUNK, Opened, Rows, guess_encoding

_LINE = re.compile(
    r"^\[?(?P<day>\d{4}-\d\d-\d\d)?[T ]?(?P<clock>\d\d:\d\d(?::\d\d)?)\]?\s+"
    r"(?:<[@+%&~ ]?(?P<nick>[^>\s]+)>\s(?P<text>.*)|\*\s(?P<actor>\S+)\s(?P<action>.*)"
    r"|(?:-!-|===|\*\*\*|-->|<--|[<>*-]{3})\s+(?P<who>\S+)\s.*?(?P<what>joined|join|left|quit|part)\b.*)$"
)
_DAY = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)")
_NAMED = re.compile(r"(#[\w.-]+)")


def _walk(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as raw:
        encoding = guess_encoding(raw.read(256 << 10), whole=False)
    named = _NAMED.search(path.stem)
    group = named[1] if named else path.stem
    day = _date(path.stem)
    before = ""
    with path.open(encoding=encoding, errors="replace") as lines:
        for line in lines:
            match = _LINE.match(line.rstrip("\n"))
            if match is None:
                if header := _date(line[:80]):
                    day, before = header, ""
                continue
            on = _date(match["day"]) if match["day"] else day
            if on is not None and not match["day"] and match["clock"][:5] < before and on < date.max:
                on += timedelta(days=1)
            if on is None and not match["day"]:
                raise FileUnreadable("its lines have no date and neither has its name")
            day, before = on or day, match["clock"][:5]
            yield _row(match, on.isoformat() if on else match["day"], group)


def _date(text: str) -> date | None:
    """The first date in a text; None where there is none, or it is on no calendar."""
    found = _DAY.search(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _row(match: re.Match[str], day: str, group: str) -> dict[str, Any]:
    nick = match["nick"] or match["actor"] or match["who"]
    what = match["what"]
    return {
        "ts": f"{day}T{match['clock']}", "group_id": group, "group_name": group, "member_id": nick, "member_name": nick,
        "text": match["text"] if match["text"] is not None else match["action"],
        "event": None if what is None else "join" if what.startswith("join") else "leave",
    }  # fmt: skip


_COLUMNS = ("ts", "group_id", "group_name", "member_id", "member_name", "text", "event")


def open_log(path: Path, **_: Any) -> Opened:
    """The lines of a log as rows; lines that say nothing of anybody are left out."""

    def rows() -> Iterator[Rows]:
        first, size = 1, path.stat().st_size
        lines = _walk(path)
        while some := list(islice(lines, CHUNK)):
            columns = {name: [row.get(name) for row in some] for name in _COLUMNS}
            yield Rows(first, columns, min(size, size * first // (first + CHUNK)))
            first += len(some)

    if next(_walk(path), None) is None:
        raise FileEmpty
    return Opened("irc", list(_COLUMNS), rows)


def _looks_like(path: Path) -> bool:
    with path.open("rb") as raw:
        head = raw.read(16 << 10).decode("utf-8", "replace").splitlines()[:40]
    return len(head) > 2 and sum(_LINE.match(line) is not None for line in head) > len(head) * 0.5


FORMAT = Format("irc", "IRC 日志", "IRC log", chat.FIELDS, chat.translate, open=open_log, recognise=_looks_like)
