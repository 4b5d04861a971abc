"""一屏读完 — whether a text fits a phone: what is folded away is not read."""

from __future__ import annotations

from collections.abc import Iterator

from tiefen.act.copy_checks.check import Check, Copy, Finding

WIDE = 34
"""Half-width letters in a line of a chat bubble on a 390-point phone at the usual size: 17 Chinese characters."""
SCREEN, FOLDED = 14, 26
"""Lines that are seen without scrolling; lines above which hardly anybody reads on."""


def lines_of(text: str) -> int:
    """How many lines a text takes on a phone."""
    return sum(max(1, -(-_width(line) // WIDE)) for line in text.split("\n"))


def _width(line: str) -> int:
    return sum(1 if letter.isascii() else 2 for letter in line)


def _find(copy: Copy) -> Iterator[Finding]:
    lines = lines_of(copy.message.text)
    if lines <= SCREEN:
        return
    yield Finding(
        severity="warn" if lines > FOLDED else "hint", end=len(copy.message.text),
        zh=f"在手机上有 {lines} 行，一屏只有 {SCREEN} 行。", en=f"It takes {lines} lines on a phone; {SCREEN} fit the screen.",
        todo_zh="把要对方做的事放进前三行，其余删掉或放进链接。",
        todo_en="Put what you ask for into the first three lines; leave the rest out or to a link.",
    )  # fmt: skip


CHECK = Check("phone_screen", "一屏读完", "Fits a phone", "390×844 手机，17 字一行", _find)
