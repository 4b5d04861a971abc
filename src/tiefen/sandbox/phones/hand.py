"""What every act needs."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from tiefen.sandbox.errors import NotPossible

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox


class Hand:
    """Acts of people in and around one company. An act checks first and writes then, so one that fails changes nothing."""

    def __init__(self, box: Sandbox, corpid: str) -> None:
        self.box, self.corpid, self.store = box, corpid, box.store

    def _staff(self, userid: str) -> sqlite3.Row:
        row = self.store.one("SELECT * FROM users WHERE corpid = ? AND userid = ?", self.corpid, userid)
        if row is None or row["left_at"] is not None:
            raise NotPossible(f"nobody called {userid} works here")
        return row
