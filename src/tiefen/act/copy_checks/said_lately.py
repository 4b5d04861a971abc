"""最近说过 — how much a text is like what was sent in the last days."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tiefen.act.copy_checks.check import Check, Copy, Finding

SAME, LIKE = 0.8, 0.5
_PLAIN = re.compile(r"\{\{.*?\}\}|[\W_]+")


def likeness(one: str, other: str) -> float:
    """The share of three-letter pieces that two texts have in common (Jaccard), punctuation and variables aside."""
    a, b = _pieces(one), _pieces(other)
    return len(a & b) / len(a | b) if a and b else 0.0


def _pieces(text: str) -> frozenset[str]:
    plain = _PLAIN.sub("", text)
    return frozenset(plain[at : at + 3] for at in range(len(plain) - 2))


def _find(copy: Copy) -> Iterator[Finding]:
    text = copy.message.text
    most = max(((likeness(text, said), said) for said in copy.lately), default=(0.0, ""))
    like, said = most
    if like < LIKE:
        return
    yield Finding(
        severity="warn" if like >= SAME else "hint", end=len(text), quote=said[:60],
        zh=f"和 7 天内发过的一条有 {like:.0%} 相同。", en=f"It is {like:.0%} like something that was sent within 7 days.",
        todo_zh="换个角度说，或隔久一点再发。", todo_en="Say it differently, or wait longer.",
    )  # fmt: skip


CHECK = Check("said_lately", "最近说过", "Said lately", "三字片段的 Jaccard 相似度", _find)
