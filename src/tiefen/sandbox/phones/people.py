"""Customers: who they are, and how they and staff find and lose each other."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from tiefen.sandbox.callbacks import Field
from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.phones.hand import Hand
from tiefen.sandbox.presence import customers
from tiefen.sandbox.state import dump


class PeopleActs(Hand):
    def person(
        self, name: str, *, gender: int = 0, avatar: str = "", type: int = 1, corp_name: str = "", unionid: bool = True
    ) -> str:
        """A new WeChat account (type 1), or somebody at another company's WeCom (type 2); returns its "wx_…" id.

        `gender`: 0 unknown, 1 male, 2 female. Accounts belong to the sandbox, not to one company.
        """
        with self.box.act():
            number = self.store.number("person")
            person = "wx_" + self.box.seeds.text("person", number, length=16)
            union = "o" + self.box.seeds.text("unionid", number, length=27) if unionid and type == 1 else ""
            self.store.run(
                "INSERT INTO persons VALUES (?, ?, ?, ?, ?, ?, ?)",
                (person, name, gender, avatar, type, corp_name, union),
            )
        return person

    def external(self, person: str) -> str:
        """The person's external_userid in this company."""
        with self.box.act():
            return self._external(person)

    def add_contact(self, person: str, userid: str, *, add_way: int = 1, state: str | None = None) -> str:
        """Customer and staff become friends; nothing new between two who are. Returns the external_userid."""
        with self.box.act():
            return self._befriend(self._staff(userid), person, add_way, state)

    def half_add(self, person: str, userid: str, *, add_way: int = 1, state: str | None = None) -> str:
        """The customer adds somebody who has not confirmed yet: see `accept`."""
        with self.box.act():
            return self._befriend(self._staff(userid), person, add_way, state, half=True)

    def accept(self, userid: str, person: str) -> None:
        """Staff confirm somebody who added them."""
        with self.box.act():
            external, staff = self._external(person), self._staff(userid)
            row = self._follow(staff["userid"], external)
            if row is None or not row["half"]:
                raise NotPossible(f"{person} does not wait for {userid}")
            spoken = row["chatted"] is not None or self._greeted(row)
            self.store.run("UPDATE follows SET half = 0, created = ? WHERE id = ?", (self.box.clock.now(), row["id"]))
            self._tell_added(staff, external, row["state"], "add_external_contact", spoken)

    def delete_staff(self, person: str, userid: str) -> None:
        """The customer deletes staff. One-sided: the API still knows the pair."""
        with self.box.act():
            row, now = self._friends(userid, person), self.box.clock.now()
            self.store.run("UPDATE follows SET left_by_person = ? WHERE id = ?", (now, row["id"]))
            self.callbacks.contact(self.corpid, "del_follow_user", row["userid"], row["external_userid"])
            for link in self._links_between(row):
                self.callbacks.acquisition(
                    self.corpid, "del_follow_user", ("UserID", row["userid"]), ("ExternalUserID", row["external_userid"]),
                    ("LinkId", link["link_id"]), ("State", link["state"] or None),
                )  # fmt: skip

    def delete_customer(self, userid: str, person: str) -> None:
        """Staff delete the customer: the API knows nothing of the pair any more."""
        with self.box.act():
            row = self._follow(self._staff(userid)["userid"], self._external(person))
            if row is None or row["left_by_staff"] is not None:
                raise NotPossible(f"{userid} does not have {person}")
            self._drop(row)
            self.callbacks.contact(self.corpid, "del_external_contact", row["userid"], row["external_userid"])

    def edit_contact(
        self, userid: str, person: str, *, remark: str | None = None, description: str | None = None,
        mobiles: Sequence[str] | None = None, add_tags: Sequence[str] = (), remove_tags: Sequence[str] = (),
        personal_tags: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Staff write something down about a customer by hand. Tags are ids of the company's, personal ones names."""
        with self.box.act():
            row = self._follow(self._staff(userid)["userid"], self._external(person))
            if row is None or row["left_by_staff"] is not None:
                raise NotPossible(f"{userid} does not have {person}")
            for name, value in (("remark", remark), ("description", description)):
                if value is not None:
                    self.store.run(f"UPDATE follows SET {name} = ? WHERE id = ?", (value, row["id"]))
            if mobiles is not None:
                self.store.run("UPDATE follows SET mobiles = ? WHERE id = ?", (dump(list(mobiles)), row["id"]))
            self._retag(row["id"], add_tags, remove_tags, personal_tags)
            self.callbacks.contact(self.corpid, "edit_external_contact", row["userid"], row["external_userid"])

    def staff_of(self, person: str) -> list[str]:
        """Staff the person has among their contacts and who have them."""
        with self.box.act():
            return self.store.column(
                "SELECT userid FROM follows WHERE corpid = ? AND external_userid = ? AND NOT half"
                " AND left_by_staff IS NULL AND left_by_person IS NULL AND owner_left IS NULL ORDER BY created, id",
                self.corpid, self._external(person),
            )  # fmt: skip

    def _retag(self, follow: int, add: Sequence[str], remove: Sequence[str], personal: Sequence[str]) -> None:
        self.store.many("DELETE FROM follow_tags WHERE follow = ? AND tag_id = ?", [(follow, tag) for tag in remove])
        for tag in add:
            if (
                self.store.one("SELECT 1 FROM tags WHERE tag_id = ? AND corpid = ? AND NOT deleted", tag, self.corpid)
                is None
            ):
                raise NotPossible(f"there is no tag {tag}")
            self.store.run("INSERT OR IGNORE INTO follow_tags VALUES (?, ?)", (follow, tag))
        self.store.many("INSERT OR IGNORE INTO personal_tags VALUES (?, '', ?)", [(follow, name) for name in personal])

    def _befriend(
        self,
        staff: sqlite3.Row,
        person: str,
        add_way: int,
        state: str | None,
        *,
        way: str | None = None,
        half: bool = False,
    ) -> str:
        external, userid, now = self._external(person), staff["userid"], self.box.clock.now()
        row = self._follow(userid, external)
        if row is not None and _together(row) and (half or not row["half"]):
            return external
        self._check_places(userid)
        self._check_scale(external)
        chatted = row is not None and row["chatted"] is not None and row["left_by_staff"] is None
        if row is None:
            self.store.run(
                "INSERT INTO follows (corpid, userid, external_userid, created, add_way, state, way, oper_userid, half)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (self.corpid, userid, external, now, add_way, state, way, external, int(half)),
            )
        else:
            self.store.run(
                "UPDATE follows SET created = ?, add_way = ?, state = ?, way = ?, oper_userid = ?, half = ?,"
                " left_by_staff = NULL, left_by_person = NULL, owner_left = NULL WHERE id = ?",
                (now, add_way, state, way, external, int(half), row["id"]),
            )
        change = "add_half_external_contact" if half else "add_external_contact"
        self._tell_added(staff, external, state, change, chatted, half=half)
        return external

    def _check_scale(self, external: str) -> None:
        """Beyond the customers a company has paid for (`admin_configure(customers_most=…)`) nobody new can be added."""
        most = self.box.corps_kept.corp(self.corpid).settings.get("customers_most")
        if most is not None and external not in (known := customers(self.store, self.corpid)) and len(known) >= most:
            raise NotPossible(f"the company may have {most} customers")

    def _check_places(self, userid: str) -> None:
        most = self.box.setting("contacts_most")
        if most is None:
            return
        have = self.store.value(
            "SELECT count(*) FROM follows WHERE corpid = ? AND userid = ? AND left_by_staff IS NULL",
            self.corpid,
            userid,
        )
        if have >= most:
            raise NotPossible(f"{userid} has {most} customers already")

    def _tell_added(
        self, staff: sqlite3.Row, external: str, state: str | None, change: str, chatted: bool, *, half: bool = False
    ) -> None:
        if not self.callbacks.wanted(self.corpid):
            return
        code: str | None = None
        # None for whom staff talk to already, whom the administrator's own message greets, and people of other WeComs.
        if not chatted and staff["welcome"] is None and external.startswith("wm"):
            code = self.callbacks.welcome_code(self.corpid, staff["userid"], external, half=half)
        more: tuple[Field, Field] = (("State", state or None), ("WelcomeCode", code))
        self.callbacks.contact(self.corpid, change, staff["userid"], external, *more)

    def _greeted(self, row: sqlite3.Row) -> bool:
        """Whether the code of the half-finished acquaintance was used."""
        used = self.store.one(
            "SELECT 1 FROM welcome_codes WHERE external_userid = ? AND userid = ? AND half AND used >= ? LIMIT 1",
            row["external_userid"], row["userid"], row["created"],
        )  # fmt: skip
        return used is not None

    def _drop(self, row: sqlite3.Row) -> None:
        """Staff let go of a customer, with all they wrote down."""
        self.store.run(
            "UPDATE follows SET left_by_staff = ?, half = 0, chatted = NULL, remark = '', description = '',"
            " remark_company = '', mobiles = '[]' WHERE id = ?",
            (self.box.clock.now(), row["id"]),
        )
        self.store.run("DELETE FROM follow_tags WHERE follow = ?", (row["id"],))
        self.store.run("DELETE FROM personal_tags WHERE follow = ?", (row["id"],))

    def _links_between(self, row: sqlite3.Row) -> list[sqlite3.Row]:
        if row["add_way"] != 16:
            return []
        return self.store.all(
            "SELECT c.* FROM link_customers c JOIN links l ON l.link_id = c.link_id"
            " WHERE c.external_userid = ? AND c.userid = ? AND l.corpid = ? ORDER BY c.at DESC LIMIT 1",
            row["external_userid"], row["userid"], self.corpid,
        )  # fmt: skip


def _together(row: sqlite3.Row) -> bool:
    return row["left_by_staff"] is None and row["left_by_person"] is None and row["owner_left"] is None


__all__ = ["PeopleActs"]
