"""Who is there: staff who use WeCom at all, customers who have not been deleted."""

from __future__ import annotations

import sqlite3

from tiefen.sandbox.state import Store

YEAR = 365 * 86_400.0


def absent(staff: sqlite3.Row, now: float) -> bool:
    """Not activated, disabled, or not seen within a year."""
    return bool(staff["status"] != 1 or staff["last_login"] <= now - YEAR)


def customers(store: Store, corpid: str) -> set[str]:
    """The customers a company has, each once, however many staff they know."""
    return set(
        store.column(
            "SELECT DISTINCT external_userid FROM follows WHERE corpid = ? AND NOT half AND left_by_staff IS NULL"
            " AND owner_left IS NULL",
            corpid,
        )
    )
