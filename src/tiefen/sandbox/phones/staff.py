"""Who works here: hired, gone, and where."""

from __future__ import annotations

from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.phones.hand import Hand


class StaffActs(Hand):
    def hire(self, userid: str, name: str, *, department: int = 1) -> None:
        """Somebody new, or somebody who left and is back."""
        with self.box.act():
            now = self.box.clock.now()
            found = self.store.one("SELECT * FROM users WHERE corpid = ? AND userid = ?", self.corpid, userid)
            if found is not None and found["left_at"] is None:
                raise NotPossible(f"{userid} works here already")
            self.store.run(
                "INSERT OR REPLACE INTO users (corpid, userid, name, department, hired, last_login) VALUES (?, ?, ?, ?, ?, ?)",
                (self.corpid, userid, name, department, now, now),
            )
            self.box.corps_kept.staff_changed()
