"""Customers on their way from one member of staff to another.

https://developer.work.weixin.qq.com/document/path/92125, 92130 (events of WeCom's own)
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from tiefen.sandbox.phones.people import PeopleActs
from tiefen.sandbox.phones.tasks import TaskActs

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

DONE, WAITING, REFUSED, FULL = 1, 2, 3, 4
"""As `transfer_result` counts."""
_TAKES = 86_400.0
_PROTECTED = 90 * 86_400.0
_ASSIGNED = 202


def begin(box: Sandbox, corpid: str, kind: str, giver: str, taker: str, external: str, words: str) -> int:
    """Begin to hand a customer over; 0, or the errcode of why not."""
    code = _why_not(box, corpid, kind, giver, taker, external)
    if code:
        return code
    now = box.clock.now()
    number = box.store.run(
        "INSERT INTO transfers (corpid, kind, handover, takeover, external_userid, message, status, created, takeover_time)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (corpid, kind, giver, taker, external, words, WAITING, now, now + _TAKES),
    ).lastrowid
    box.schedule(now + _TAKES, "handover", number)
    return 0


def finish(box: Sandbox, number: int) -> None:
    """The day is over: the customer belongs to the other now, unless they refused or the other has too many."""
    row = box.store.one("SELECT * FROM transfers WHERE id = ? AND status = ?", number, WAITING)
    if row is not None:
        _TakingOver(box, row["corpid"]).finish(row)


def _why_not(box: Sandbox, corpid: str, kind: str, giver: str, taker: str, external: str) -> int:
    if giver.lower() == taker.lower():
        return 40130
    if box.store.one("SELECT 1 FROM externals WHERE external_userid = ? AND corpid = ?", external, corpid) is None:
        return 40096
    pair = _pair(box, corpid, giver, external)
    if pair is None or pair["half"] or pair["left_by_staff"] is not None:
        return 40131
    if (pair["owner_left"] is None) != (kind == "onjob"):
        return 40131
    begun = box.store.all(
        "SELECT handover, kind, status FROM transfers WHERE external_userid = ? AND corpid = ? AND created > ? AND status IN (1, 2)",
        external, corpid, box.clock.now() - _PROTECTED,
    )  # fmt: skip
    waiting = [row for row in begun if row["status"] == WAITING]
    if waiting:
        return 40129 if any(row["handover"].lower() == giver.lower() for row in waiting) else 40100
    if kind == "onjob" and len([row for row in begun if row["kind"] == kind]) >= 2:
        return 40128
    return 40099 if not _known(_pair(box, corpid, taker, external)) and _full(box, corpid, taker) else 0


class _TakingOver(PeopleActs, TaskActs):
    """What WeCom itself does at the end of the day."""

    def finish(self, row: sqlite3.Row) -> None:
        external = row["external_userid"]
        given, taken = self._follow(row["handover"], external), self._follow(row["takeover"], external)
        at_work = self.store.one(
            "SELECT 1 FROM users WHERE corpid = ? AND userid = ? AND left_at IS NULL", self.corpid, row["takeover"]
        )
        if given is None or given["left_by_staff"] is not None or at_work is None:
            self._end(row, REFUSED)
            self._tell_failed(row["takeover"], external, "customer_refused")
        elif not _known(taken) and _full(self.box, self.corpid, row["takeover"]):
            self._end(row, FULL)
            self._tell_failed(row["takeover"], external, "customer_limit_exceed")
        else:
            self._move(row, given, taken)

    def _move(self, row: sqlite3.Row, given: sqlite3.Row, taken: sqlite3.Row | None) -> None:
        """What the one wrote down about the customer goes with them. No add event where they knew each other already."""
        self._end(row, DONE)
        if not _known(taken):
            self._acquaint(row, given, taken)
        self._drop(given)
        if row["kind"] == "onjob":
            source = ("Source", "DELETE_BY_TRANSFER")
            self.callbacks.contact(self.corpid, "del_external_contact", given["userid"], row["external_userid"], source)
        if not _known(taken):
            self.callbacks.contact(self.corpid, "add_external_contact", row["takeover"], row["external_userid"])

    def _acquaint(self, row: sqlite3.Row, given: sqlite3.Row, taken: sqlite3.Row | None) -> None:
        if taken is not None:
            self._drop(taken)
            self.store.run("DELETE FROM follows WHERE id = ?", (taken["id"],))
        number = self.store.run(
            "INSERT INTO follows (corpid, userid, external_userid, created, add_way, oper_userid, remark, description,"
            " remark_company, mobiles, chatted, spoke) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.corpid, row["takeover"], row["external_userid"], self.box.clock.now(), _ASSIGNED, given["userid"],
                given["remark"], given["description"], given["remark_company"], given["mobiles"], given["chatted"],
                given["spoke"],
            ),
        ).lastrowid  # fmt: skip
        self.store.run(
            "INSERT INTO follow_tags SELECT ?, tag_id FROM follow_tags WHERE follow = ?", (number, given["id"])
        )

    def _end(self, row: sqlite3.Row, status: int) -> None:
        self.store.run(
            "UPDATE transfers SET status = ?, takeover_time = ? WHERE id = ?", (status, self.box.clock.now(), row["id"])
        )


def _pair(box: Sandbox, corpid: str, userid: str, external: str) -> sqlite3.Row | None:
    return box.store.one(
        "SELECT * FROM follows WHERE corpid = ? AND userid = ? AND external_userid = ?", corpid, userid, external
    )


def _known(pair: sqlite3.Row | None) -> bool:
    return pair is not None and not pair["half"] and pair["left_by_staff"] is None and pair["owner_left"] is None


def _full(box: Sandbox, corpid: str, userid: str) -> bool:
    most = box.setting("contacts_most")
    if most is None:
        return False
    have = box.store.value(
        "SELECT count(*) FROM follows WHERE corpid = ? AND userid = ? AND left_by_staff IS NULL", corpid, userid
    )
    return bool(have >= most)
