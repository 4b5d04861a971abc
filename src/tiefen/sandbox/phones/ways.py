"""Codes and links that lead to staff: who scans, whom they meet."""

from __future__ import annotations

import sqlite3
from typing import Any

from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.phones.people import PeopleActs
from tiefen.sandbox.state import load

BALANCE = 1_000
"""What a company may win by acquisition links, where nothing else is set (`acquisition_balance`)."""
_LOW = 20


class WayActs(PeopleActs):
    def scan_way(self, person: str, config_id: str) -> str:
        """The person scans a contact way and adds whom it leads to; returns the external_userid.

        A way that verifies leaves them half added until the staff `accept`.
        """
        with self.box.act():
            way = self.store.one("SELECT * FROM ways WHERE config_id = ? AND corpid = ?", config_id, self.corpid)
            if way is None or self._over(way):
                raise NotPossible(f"the code {config_id} leads nowhere")
            if way["unionid"] and way["unionid"] != self._person(person)["unionid"]:
                raise NotPossible(f"the code {config_id} is for somebody else")
            staff = self._staff(self._behind(way, self._external(person)))
            external = self._befriend(
                staff, person, 1, way["state"] or None, way=config_id, half=not way["skip_verify"]
            )
            if way["is_temp"]:
                self._temporary(way, staff["userid"], external)
            return external

    def scan_link(self, person: str, link_id: str, *, channel: str = "") -> str:
        """The person opens an acquisition link and adds whom it leads to; returns the external_userid.

        `channel` is the `customer_channel` in its address, cut after 64 bytes; it comes back as state.
        """
        with self.box.act():
            link = self.store.one(
                "SELECT * FROM links WHERE link_id = ? AND corpid = ? AND deleted IS NULL", link_id, self.corpid
            )
            if link is None:
                raise NotPossible(f"the link {link_id} leads nowhere")
            external, now = self._external(person), self.box.clock.now()
            state = channel.encode()[:64].decode(errors="ignore")
            self.store.run(
                "INSERT INTO link_clicks (link_id, external_userid, at) VALUES (?, ?, ?)", (link_id, external, now)
            )
            told = (("LinkId", link_id), ("State", state or None))
            self.callbacks.acquisition(self.corpid, "open_profile", *told)
            userid = self._through(link, external)
            self.callbacks.acquisition(self.corpid, "friend_request", *told)
            self._befriend(self._staff(userid), person, 16, state or None, half=not link["skip_verify"])
            self.store.run(
                "INSERT OR IGNORE INTO link_customers (link_id, userid, external_userid, state, at) VALUES (?, ?, ?, ?, ?)",
                (link_id, userid, external, state, now),
            )
            return external

    def _over(self, way: sqlite3.Row) -> bool:
        """A temporary code ends with its time or with the first who used it."""
        return bool(way["is_temp"]) and (
            way["used"] is not None or way["created"] + way["expires_in"] <= self.box.clock.now()
        )

    def _temporary(self, way: sqlite3.Row, userid: str, external: str) -> None:
        now = self.box.clock.now()
        self.store.run("UPDATE ways SET used = ? WHERE config_id = ?", (now, way["config_id"]))
        self.store.run(
            "INSERT OR REPLACE INTO temp_chats VALUES (?, ?, ?, ?, ?, NULL)",
            (self.corpid, userid, external, way["config_id"], now + way["chat_expires_in"]),
        )

    def _behind(self, way: sqlite3.Row, external: str) -> str:
        able = self._able(load(way["users"]), load(way["parties"]))
        if not able:
            raise NotPossible(f"nobody behind the code {way['config_id']} can be added")
        known = self._known(external, able)
        if way["is_exclusive"] and known:
            return known[0]
        return self._one_of(able, way["config_id"], external)

    def _through(self, link: sqlite3.Row, external: str) -> str:
        within: dict[str, Any] = load(link["range"])
        able = self._able(within.get("user_list") or [], within.get("department_list") or [])
        if not able:
            self.callbacks.acquisition(self.corpid, "link_unavailable", ("LinkId", link["link_id"]))
            raise NotPossible(f"nobody behind the link {link['link_id']} can be added")
        known = self._known(external, able)
        if known:
            return known[0]
        self._spend()
        priority: dict[str, Any] = load(link["priority"]) or {}
        first = {userid.lower() for userid in priority.get("priority_userid_list") or []}
        preferred = [userid for userid in able if userid.lower() in first]
        return self._one_of(preferred or able, link["link_id"], external)

    def _able(self, users: list[str], parties: list[int]) -> list[str]:
        """Those meant who are at work, in order."""
        below = self.box.corps_kept.departments_below(self.corpid, parties) if parties else []
        rows = self.store.all("SELECT * FROM users WHERE corpid = ? AND left_at IS NULL ORDER BY userid", self.corpid)
        meant = {userid.lower() for userid in users}
        return [
            row["userid"] for row in rows
            if (row["userid"].lower() in meant or row["department"] in below) and row["status"] == 1 and row["follows"]
        ]  # fmt: skip

    def _known(self, external: str, able: list[str]) -> list[str]:
        rows = self.store.column(
            "SELECT userid FROM follows WHERE external_userid = ? AND corpid = ? AND left_by_staff IS NULL"
            " AND owner_left IS NULL ORDER BY created, id",
            external, self.corpid,
        )  # fmt: skip
        among = {userid.lower() for userid in able}
        return [userid for userid in rows if userid.lower() in among]

    def _one_of(self, able: list[str], code: str, external: str) -> str:
        return able[0] if len(able) == 1 else self.box.seeds.pick(able, "who answers", code, external)

    def _spend(self) -> None:
        """One of the company's paid additions."""
        left = self.box.corps_kept.corp(self.corpid).settings.get("acquisition_balance", BALANCE)
        if left <= 0:
            raise NotPossible("the company has used up what it may win by links")
        self.box.corps_kept.configure(self.corpid, acquisition_balance=left - 1)
        if left == _LOW:
            self.callbacks.acquisition(self.corpid, "balance_low")
        if left == 1:
            self.callbacks.acquisition(self.corpid, "balance_exhausted")
