"""What every act needs: who and what is meant."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from tiefen.sandbox.errors import NotPossible

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

_LOGIN = 86_400.0


class Hand:
    """Acts of people in and around one company. An act checks first and writes then, so one that fails changes nothing."""

    def __init__(self, box: Sandbox, corpid: str) -> None:
        self.box, self.corpid, self.store = box, corpid, box.store
        self.callbacks = box.callbacks

    def _staff(self, userid: str) -> sqlite3.Row:
        row = self.store.one("SELECT * FROM users WHERE corpid = ? AND userid = ?", self.corpid, userid)
        if row is None or row["left_at"] is not None:
            raise NotPossible(f"nobody called {userid} works here")
        if (now := self.box.clock.now()) > row["last_login"] + _LOGIN:
            # Whoever has a hand in something is there; once a day is enough to know.
            self.store.run(
                "UPDATE users SET last_login = ? WHERE corpid = ? AND userid = ?", (now, self.corpid, row["userid"])
            )
        return row

    def _person(self, person: str) -> sqlite3.Row:
        row = self.store.one("SELECT * FROM persons WHERE person = ?", person)
        if row is None:
            raise NotPossible(f"there is no {person}")
        return row

    def _external(self, person: str) -> str:
        """The person's id in this company, made when first asked for."""
        found: str | None = self.store.value(
            "SELECT external_userid FROM externals WHERE corpid = ? AND person = ?", self.corpid, person
        )
        if found is not None:
            return found
        prefix = "wo" if self._person(person)["type"] == 2 else "wm"
        external = prefix + self.box.seeds.text("external", self.corpid, person, length=30)
        self.store.run("INSERT INTO externals VALUES (?, ?, ?)", (external, self.corpid, person))
        return external

    def _member(self, who: str) -> tuple[str, int]:
        """(id within the company, type) of a person or of staff."""
        return (self._external(who), 2) if who.startswith("wx_") else (self._staff(who)["userid"], 1)

    def _follow(self, userid: str, external: str) -> sqlite3.Row | None:
        return self.store.one(
            "SELECT * FROM follows WHERE corpid = ? AND userid = ? AND external_userid = ?",
            self.corpid, userid, external,
        )  # fmt: skip

    def _friends(self, userid: str, person: str) -> sqlite3.Row:
        """The row of two who still have each other."""
        row = self._follow(userid, self._external(person))
        if row is None or row["half"] or row["left_by_staff"] is not None or row["left_by_person"] is not None:
            raise NotPossible(f"{person} and {userid} are not in touch")
        return row

    def _group(self, chat_id: str) -> sqlite3.Row:
        row = self.store.one("SELECT * FROM groups WHERE chat_id = ? AND corpid = ?", chat_id, self.corpid)
        if row is None or row["dismissed"] is not None:
            raise NotPossible(f"there is no group {chat_id}")
        return row
