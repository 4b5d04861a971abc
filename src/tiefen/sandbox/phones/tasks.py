"""What staff confirm, and what customers make of it: mass messages, Moments, handovers."""

from __future__ import annotations

import calendar
import sqlite3
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.limits import CHINA
from tiefen.sandbox.phones.hand import Hand
from tiefen.sandbox.state import dump, load

NOT_SENT, SENT, NO_CONTACT, HAD_ENOUGH = 0, 1, 2, 3
"""What became of a message to one customer, as `get_groupmsg_send_result` counts."""
_DAY = 86_400.0


class TaskActs(Hand):
    def confirm(self, userid: str, msgid: str, *, only: Collection[str] | None = None) -> int:
        """Staff send the mass message they were asked to send; returns how many it reached.

        `only` some of those it is for: groups, or customers where the task lets staff choose. The rest may follow later.
        """
        with self.box.act():
            staff = self._staff(userid)["userid"]
            task = self.store.one("SELECT * FROM group_message_tasks WHERE msgid = ? AND userid = ?", msgid, staff)
            message = self.store.one("SELECT * FROM group_messages WHERE msgid = ? AND corpid = ?", msgid, self.corpid)
            left = self.store.column(
                "SELECT target FROM group_message_results WHERE msgid = ? AND userid = ? AND status = 0 ORDER BY target",
                msgid, staff,
            )  # fmt: skip
            if task is None or message is None or not left or message["cancelled"] is not None:
                raise NotPossible(f"{userid} has no mass message {msgid} to send")
            if only is not None and message["chat_type"] == "single" and not message["allow_select"]:
                raise NotPossible(f"{msgid} does not let staff choose")
            now = self.box.clock.now()
            self.store.run(
                "UPDATE group_message_tasks SET status = 2, sent = coalesce(sent, ?) WHERE msgid = ? AND userid = ?",
                (now, msgid, staff),
            )
            return sum(self._send(message, staff, target, now) for target in left if only is None or target in only)

    def broadcast(self, userid: str, text: str, *, people: Sequence[str] = (), chat_ids: Sequence[str] = ()) -> str:
        """Staff send something to many of their customers, or groups, by themselves (群发助手); returns its msgid."""
        with self.box.act():
            staff, now = self._staff(userid)["userid"], self.box.clock.now()
            targets = list(chat_ids) or [self._external(person) for person in people]
            msgid = "msg" + self.box.seeds.text("broadcast", self.corpid, self.store.number("broadcast"), length=30)
            self.store.run(
                "INSERT INTO group_messages (msgid, corpid, agentid, chat_type, creator, create_type, content, created,"
                " dispatched) VALUES (?, ?, 0, ?, ?, 1, ?, ?, ?)",
                (
                    msgid,
                    self.corpid,
                    "group" if chat_ids else "single",
                    staff,
                    dump({"text": {"content": text}}),
                    now,
                    now,
                ),
            )
            self.store.run("INSERT INTO group_message_tasks VALUES (?, ?, 0, NULL)", (msgid, staff))
            self.store.many(
                "INSERT INTO group_message_results (msgid, userid, target) VALUES (?, ?, ?)",
                [(msgid, staff, target) for target in targets],
            )
            self.confirm(staff, msgid)
            return msgid

    def confirm_moment(self, userid: str, moment_id: str) -> int:
        """Staff post the Moment they were asked to post; returns for how many customers."""
        with self.box.act():
            staff = self._staff(userid)["userid"]
            task = self.store.one("SELECT * FROM moment_tasks WHERE moment_id = ? AND userid = ?", moment_id, staff)
            moment = self.store.one("SELECT * FROM moments WHERE moment_id = ? AND corpid = ?", moment_id, self.corpid)
            if task is None or moment is None or task["status"] != 0 or moment["cancelled"] is not None:
                raise NotPossible(f"{userid} has no Moment {moment_id} to post")
            now = self.box.clock.now()
            self.store.run(
                "UPDATE moment_tasks SET status = 1, published = ? WHERE moment_id = ? AND userid = ?",
                (now, moment_id, staff),
            )
            seen = self.store.column(
                "SELECT t.external_userid FROM moment_targets t JOIN follows f ON f.external_userid = t.external_userid"
                " AND f.userid = t.userid AND f.corpid = ? WHERE t.moment_id = ? AND t.userid = ? AND NOT f.half"
                " AND f.left_by_staff IS NULL AND f.left_by_person IS NULL AND f.owner_left IS NULL ORDER BY 1",
                self.corpid, moment_id, staff,
            )  # fmt: skip
            for external in seen:
                self.store.run(
                    "UPDATE moment_targets SET sent = ? WHERE moment_id = ? AND userid = ? AND external_userid = ?",
                    (now, moment_id, staff, external),
                )
                self.box.tell_delivered(self.corpid, "moment", staff, external, load(moment["content"]), moment_id)
            return len(seen)

    def post_moment(self, userid: str, text: str) -> str:
        """Staff post something in Moments by themselves, for all their customers; returns its moment_id."""
        with self.box.act():
            staff, now = self._staff(userid)["userid"], self.box.clock.now()
            moment_id = "mom" + self.box.seeds.text(
                "own moment", self.corpid, self.store.number("own moment"), length=30
            )
            self.store.run(
                "INSERT INTO moments (jobid, moment_id, corpid, agentid, creator, create_type, content, visible_range, status,"
                " created, made) VALUES (?, ?, ?, 0, ?, 1, ?, ?, 3, ?, ?)",
                (
                    moment_id, moment_id, self.corpid, staff, dump({"text": {"content": text}}),
                    dump({"users": [staff], "departments": [], "tags": []}), now, now,
                ),
            )  # fmt: skip
            self.store.run("INSERT INTO moment_tasks VALUES (?, ?, 0, NULL)", (moment_id, staff))
            self.store.run(
                "INSERT INTO moment_targets SELECT ?, userid, external_userid, NULL FROM follows WHERE corpid = ?"
                " AND userid = ? AND NOT half AND left_by_staff IS NULL",
                (moment_id, self.corpid, staff),
            )
            self.confirm_moment(staff, moment_id)
            return moment_id

    def like_moment(self, person: str, moment_id: str, userid: str) -> None:
        self._react(person, moment_id, userid, "like")

    def comment_moment(self, person: str, moment_id: str, userid: str) -> None:
        """The words of a comment are not told by WeCom, so they are not kept."""
        self._react(person, moment_id, userid, "comment")

    def refuse_transfer(self, person: str, userid: str) -> None:
        """The customer does not want the colleague (`userid`) they are being handed to."""
        with self.box.act():
            external, taker = self._external(person), self._staff(userid)["userid"]
            row = self.store.one(
                "SELECT * FROM transfers WHERE corpid = ? AND external_userid = ? AND takeover = ? AND status = 2"
                " ORDER BY id DESC LIMIT 1",
                self.corpid, external, taker,
            )  # fmt: skip
            if row is None:
                raise NotPossible(f"nobody hands {person} to {userid}")
            now = self.box.clock.now()
            self.store.run("UPDATE transfers SET status = 3, takeover_time = ? WHERE id = ?", (now, row["id"]))
            self._tell_failed(taker, external, "customer_refused")

    def tasks(self, userid: str) -> list[tuple[str, str]]:
        """(kind, id) of what staff have still to confirm: `single`, `group` or `moment`."""
        with self.box.act():
            messages = self.store.all(
                "SELECT m.chat_type, m.msgid FROM group_message_tasks t JOIN group_messages m ON m.msgid = t.msgid"
                " WHERE t.userid = ? AND m.corpid = ? AND t.status = 0 AND m.cancelled IS NULL ORDER BY m.created, m.msgid",
                userid, self.corpid,
            )  # fmt: skip
            moments = self.store.all(
                "SELECT 'moment', m.moment_id FROM moment_tasks t JOIN moments m ON m.moment_id = t.moment_id"
                " WHERE t.userid = ? AND m.corpid = ? AND t.status = 0 AND m.cancelled IS NULL ORDER BY m.created",
                userid, self.corpid,
            )  # fmt: skip
            return [(row[0], row[1]) for row in (*messages, *moments)]

    def _tell_failed(self, taker: str, external: str, reason: str) -> None:
        """For apps that may hand customers over."""
        app = self.box.corps_kept.app(self.corpid, self.box.corps_kept.corp(self.corpid).keys.agentid)
        if "transfer" in app.permissions:
            self.callbacks.contact(self.corpid, "transfer_fail", taker, external, before=[("FailReason", reason)])

    def _react(self, person: str, moment_id: str, userid: str, kind: str) -> None:
        with self.box.act():
            external, staff = self._external(person), self._staff(userid)["userid"]
            seen = self.store.value(
                "SELECT sent FROM moment_targets WHERE moment_id = ? AND userid = ? AND external_userid = ?",
                moment_id, staff, external,
            )  # fmt: skip
            if seen is None:
                raise NotPossible(f"{person} does not see the Moment {moment_id}")
            self.store.run(
                "INSERT INTO moment_reactions (moment_id, userid, kind, external_userid, at) VALUES (?, ?, ?, ?, ?)",
                (moment_id, staff, kind, external, self.box.clock.now()),
            )

    def _send(self, message: sqlite3.Row, staff: str, target: str, now: float) -> bool:
        status = self._fate(message["chat_type"], staff, target, now, by_corp=message["create_type"] == 0)
        self.store.run(
            "UPDATE group_message_results SET status = ?, sent = ? WHERE msgid = ? AND userid = ? AND target = ?",
            (status, now if status == SENT else None, message["msgid"], staff, target),
        )
        if status == SENT:
            content: dict[str, Any] = load(message["content"])
            self.box.tell_delivered(self.corpid, message["chat_type"], staff, target, content, message["msgid"])
        return status == SENT

    def _fate(self, chat_type: str, staff: str, target: str, now: float, *, by_corp: bool) -> int:
        if chat_type == "group":
            alive = self.store.value("SELECT dismissed IS NULL FROM groups WHERE chat_id = ?", target)
            there = alive and self.store.one(
                "SELECT 1 FROM stays WHERE chat_id = ? AND member_id = ? AND left_at IS NULL", target, staff
            )
            if not there:
                return NO_CONTACT
        else:
            row = self.store.one(
                "SELECT half, left_by_staff, left_by_person FROM follows WHERE corpid = ? AND userid = ? AND external_userid = ?",
                self.corpid, staff, target,
            )  # fmt: skip
            if row is None or row["half"] or row["left_by_staff"] is not None or row["left_by_person"] is not None:
                return NO_CONTACT
        return HAD_ENOUGH if by_corp and self._had_enough(target, now) else SENT

    def _had_enough(self, target: str, now: float) -> bool:
        """What staff send by themselves does not count."""
        since, most = self._allowance(now)
        had = self.store.value(
            "SELECT count(*) FROM group_message_results r JOIN group_messages m ON m.msgid = r.msgid"
            " WHERE r.target = ? AND r.status = 1 AND r.sent >= ? AND m.create_type = 0",
            target, since,
        )  # fmt: skip
        return bool(had >= most)

    def _allowance(self, now: float) -> tuple[float, int]:
        """(since when, how many) mass messages one customer or group may get, by the setting `mass_messages`."""
        local = datetime.fromtimestamp(now, UTC).astimezone(CHINA)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        match self.box.setting("mass_messages"):
            case "day":
                return midnight.timestamp(), 1
            case "week":
                return midnight.timestamp() - local.weekday() * _DAY, 7
            case _:
                return midnight.replace(day=1).timestamp(), calendar.monthrange(local.year, local.month)[1]
