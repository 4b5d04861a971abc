"""Whether staff use WeCom at all: who has not for a year is as good as gone to some endpoints."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

YEAR = 365 * 86_400.0


def absent(box: Sandbox, corpid: str, staff: sqlite3.Row, now: float) -> bool:
    """Not activated, disabled, or not seen within a year: neither logged in nor said a word."""
    if staff["status"] != 1:
        return True
    if staff["last_login"] > now - YEAR:
        return False
    spoke = box.store.one(
        "SELECT 1 FROM messages WHERE corpid = ? AND at > ? AND sender = ? LIMIT 1", corpid, now - YEAR, staff["userid"]
    )
    return spoke is None


def seen(box: Sandbox, corpid: str, userid: str) -> None:
    """Staff hold their phone in their hand."""
    box.store.run("UPDATE users SET last_login = ? WHERE corpid = ? AND userid = ?", (box.clock.now(), corpid, userid))
