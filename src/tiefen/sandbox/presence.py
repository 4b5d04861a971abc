"""Whether staff use WeCom at all: who has not for a year is as good as gone to some endpoints."""

from __future__ import annotations

import sqlite3

YEAR = 365 * 86_400.0


def absent(staff: sqlite3.Row, now: float) -> bool:
    """Not activated, disabled, or not seen within a year."""
    return bool(staff["status"] != 1 or staff["last_login"] <= now - YEAR)
