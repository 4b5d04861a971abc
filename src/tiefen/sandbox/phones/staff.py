"""Who works here: hired, gone, and where."""

from __future__ import annotations

from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.phones.groups import GroupActs


class StaffActs(GroupActs):
    def hire(self, userid: str, name: str, *, department: int = 1) -> None:
        """Somebody new, or somebody who left and is back without the customers."""
        with self.box.act():
            found = self.store.one("SELECT * FROM users WHERE corpid = ? AND userid = ?", self.corpid, userid)
            if found is not None and found["left_at"] is None:
                raise NotPossible(f"{userid} works here already")
            self._department(department)
            now = self.box.clock.now()
            self.store.run(
                "INSERT OR REPLACE INTO users (corpid, userid, name, department, hired, last_login) VALUES (?, ?, ?, ?, ?, ?)",
                (self.corpid, userid, name, department, now, now),
            )
            self.box.corps_kept.staff_changed()
            self._tell_staff("create_user", userid, ("Department", str(department)))

    def resign(self, userid: str) -> None:
        """Staff leave the company: their customers are unassigned, the groups they own wait for a new owner, the others
        they leave."""
        with self.box.act():
            staff, now = self._staff(userid)["userid"], self.box.clock.now()
            for chat_id in self.groups_of(staff):
                group = self._group(chat_id)
                if group["owner"].lower() != staff.lower():
                    self._exit(group, staff, 0)
            self.store.run(
                "UPDATE groups SET status = 1 WHERE corpid = ? AND owner = ? AND dismissed IS NULL",
                (self.corpid, staff),
            )
            self.store.run(
                "UPDATE follows SET owner_left = ? WHERE corpid = ? AND userid = ? AND left_by_staff IS NULL",
                (now, self.corpid, staff),
            )
            self.store.run(
                "UPDATE users SET left_at = ?, status = 5 WHERE corpid = ? AND userid = ?", (now, self.corpid, staff)
            )
            self._tell_staff("delete_user", staff)
            self.box.corps_kept.staff_changed()

    def move_staff(self, userid: str, department: int) -> None:
        """Staff change departments."""
        with self.box.act():
            staff = self._staff(userid)["userid"]
            self._department(department)
            self.store.run(
                "UPDATE users SET department = ? WHERE corpid = ? AND userid = ?", (department, self.corpid, staff)
            )
            self.box.corps_kept.staff_changed()
            self._tell_staff("update_user", staff, ("Department", str(department)))

    def set_ready(self, userid: str, ready: bool) -> None:
        """Whether staff have activated their account and proved their name (else 41054)."""
        with self.box.act():
            staff = self._staff(userid)["userid"]
            status = 1 if ready else 4
            self.store.run("UPDATE users SET status = ? WHERE corpid = ? AND userid = ?", (status, self.corpid, staff))

    def add_department(self, name: str, parent: int = 1) -> int:
        """A new department; returns its id."""
        with self.box.act():
            self._department(parent)
            new = 1 + self.store.value("SELECT max(id) FROM departments WHERE corpid = ?", self.corpid)
            self.store.run(
                "INSERT INTO departments VALUES (?, ?, ?, ?, ?)",
                (self.corpid, new, name, parent, 100_000_000 - new * 100),
            )
            self.box.corps_kept.staff_changed()
            fields = [("ChangeType", "create_party"), ("Id", new), ("ParentId", str(parent))]
            self.callbacks.make(self.corpid, "change_contact", fields, None)
            return int(new)

    def _department(self, id: int) -> None:
        if self.store.one("SELECT 1 FROM departments WHERE corpid = ? AND id = ?", self.corpid, id) is None:
            raise NotPossible(f"there is no department {id}")

    def _tell_staff(self, change: str, userid: str, *more: tuple[str, str]) -> None:
        self.callbacks.make(self.corpid, "change_contact", [("ChangeType", change), ("UserID", userid), *more], userid)
