"""Whether staff use WeCom at all: who has not for a year is as good as gone to some endpoints."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

YEAR = 365 * 86_400.0


def absent(box: Sandbox, staff: sqlite3.Row, now: float) -> bool:
    """Not activated, disabled, or not seen within a year: neither logged in nor said a word nor sent what they were asked to."""
    if staff["status"] != 1:
        return True
    since = now - YEAR
    if staff["last_login"] > since:
        return False
    spoke = box.store.one(
        "SELECT 1 FROM messages WHERE corpid = ? AND at > ? AND sender = ? LIMIT 1",
        staff["corpid"],
        since,
        staff["userid"],
    )
    sent = box.store.one(
        "SELECT 1 FROM group_message_tasks t JOIN group_messages m ON m.msgid = t.msgid WHERE m.corpid = ?"
        " AND m.created > ? AND t.userid = ? AND t.status = 2 LIMIT 1",
        staff["corpid"], since, staff["userid"],
    )  # fmt: skip
    return spoke is None and sent is None
