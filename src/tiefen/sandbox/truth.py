"""What is really so in a company, for tests: never part of what an API caller can see."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox


class Truth:
    def __init__(self, box: Sandbox, corpid: str) -> None:
        self._store, self._corpid = box.store, corpid

    def contacts(self) -> set[tuple[str, str]]:
        """(userid, external_userid) of every pair the API tells of: confirmed, and not deleted by the staff. Those whom
        the customer alone has deleted are among them."""
        return self._pairs("")

    def friends(self) -> set[tuple[str, str]]:
        """Those of them whom the customer has not deleted either."""
        return self._pairs(" AND left_by_person IS NULL")

    def members(self, chat_id: str) -> set[str]:
        """userids and external_userids in a group now."""
        with self._store.lock:
            return set(self._store.column("SELECT member_id FROM stays WHERE chat_id = ? AND left_at IS NULL", chat_id))

    def stays(self) -> list[tuple[str, str, float, float | None]]:
        """(chat_id, member, joined, left or None), all there ever were, in order."""
        with self._store.lock:
            rows = self._store.all(
                "SELECT chat_id, member_id, joined, left_at FROM stays WHERE corpid = ? ORDER BY joined, id",
                self._corpid,
            )
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def groups(self) -> dict[str, sqlite3.Row]:
        """chat_id → the row of every group that is not dismissed."""
        with self._store.lock:
            rows = self._store.all(
                "SELECT * FROM groups WHERE corpid = ? AND dismissed IS NULL ORDER BY created, chat_id", self._corpid
            )
        return {row["chat_id"]: row for row in rows}

    def callbacks(self) -> list[str]:
        """The XML of all events ever made, in order, whatever became of them."""
        with self._store.lock:
            return self._store.column("SELECT xml FROM callbacks WHERE corpid = ? ORDER BY id", self._corpid)

    def fates(self) -> list[str]:
        """What became of each of them: made, queued, lost, delivered, failed."""
        with self._store.lock:
            return self._store.column("SELECT fate FROM callbacks WHERE corpid = ? ORDER BY id", self._corpid)

    def calls(self) -> list[sqlite3.Row]:
        """The API calls that are still in the log, in order."""
        with self._store.lock:
            return self._store.all("SELECT * FROM calls WHERE corpid = ? ORDER BY id", self._corpid)

    def deliveries(self) -> list[sqlite3.Row]:
        """Everything that reached customers and groups."""
        with self._store.lock:
            return self._store.all("SELECT * FROM deliveries WHERE corpid = ? ORDER BY id", self._corpid)

    def _pairs(self, more: str) -> set[tuple[str, str]]:
        with self._store.lock:
            rows = self._store.all(
                "SELECT userid, external_userid FROM follows WHERE corpid = ? AND NOT half AND left_by_staff IS NULL"
                f" AND owner_left IS NULL{more}",
                self._corpid,
            )
        return {(row[0], row[1]) for row in rows}
