"""What people say, in groups and to each other, and what they agree to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tiefen.sandbox.corps import ARCHIVE
from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.phones.groups import GroupActs
from tiefen.sandbox.phones.people import PeopleActs
from tiefen.sandbox.said import keep

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

_TOLD_AT = (3, 5, 10)
"""At which message from a link's customer WeCom tells again."""


def archive_told(box: Sandbox, corpid: str) -> None:
    """What falls due when the archive has something new."""
    box.callbacks.make(corpid, "msgaudit_notify", [("AgentID", ARCHIVE)], None)


class TalkActs(PeopleActs, GroupActs):
    def say(
        self, who: str, chat_id: str, text: str, *, msgtype: str = "text", mentions: Sequence[str] = (),
        reply_to: str | None = None,
    ) -> str:  # fmt: skip
        """Somebody in a group says something; returns its msgid. `mentions` are people or staff, `reply_to` a msgid."""
        with self.box.act():
            member = self._member(who)[0]
            if not self._is_in(chat_id, member):
                raise NotPossible(f"{who} is not in {chat_id}")
            content: dict[str, object] = {"content": text}
            if mentions:
                content["mentions"] = [self._member(one)[0] for one in mentions]
            return keep(self.box, self.corpid, member, [], chat_id, msgtype, content, reply_to)

    def say_to(self, who: str, to: str, text: str, *, msgtype: str = "text") -> str:
        """A customer writes to staff, or staff to a customer; returns the msgid."""
        with self.box.act():
            person, userid = (who, to) if who.startswith("wx_") else (to, who)
            staff = self._staff(userid)["userid"]
            row = self._friends(staff, person)
            external = row["external_userid"]
            sender, receiver = (external, staff) if who == person else (staff, external)
            msgid = keep(self.box, self.corpid, sender, [receiver], "", msgtype, {"content": text})
            now = self.box.clock.now()
            self.store.run(
                "UPDATE follows SET spoke = ?, chatted = coalesce(chatted, ?) WHERE id = ?", (now, now, row["id"])
            )
            if who == person:
                self._tell_link(staff, external, row["add_way"])
            return msgid

    def open_chat(self, person: str, userid: str) -> None:
        """The customer begins a conversation: a welcome comes too late from now on."""
        with self.box.act():
            row, now = self._friends(userid, person), self.box.clock.now()
            self.store.run(
                "UPDATE follows SET chatted = coalesce(chatted, ?), spoke = ? WHERE id = ?", (now, now, row["id"])
            )
            self._tell_link(row["userid"], row["external_userid"], row["add_way"])

    def mute(self, person: str, chat_id_or_userid: str) -> None:
        """The person wants no more sounds from a group or from staff; WeCom tells nobody."""
        with self.box.act():
            self.store.run(
                "INSERT OR IGNORE INTO mutes VALUES (?, ?, ?, ?)",
                (person, self.corpid, chat_id_or_userid, self.box.clock.now()),
            )

    def agree_to_archive(self, person: str, userid: str, *, agree: bool = True) -> None:
        """The customer agrees that the conversation is kept, or takes it back."""
        with self.box.act():
            staff, external, now = self._staff(userid), self._external(person), self.box.clock.now()
            self.store.run(
                "INSERT OR REPLACE INTO consents VALUES (?, ?, ?, ?, ?)",
                (self.corpid, staff["userid"], external, "Agree" if agree else "Disagree", now),
            )
            if agree and self.callbacks.wanted(self.corpid):
                row = self._follow(staff["userid"], external)
                code = None
                if row is not None and row["chatted"] is None:
                    code = self.callbacks.welcome_code(self.corpid, staff["userid"], external)
                more = ("WelcomeCode", code)
                self.callbacks.contact(self.corpid, "msg_audit_approved", staff["userid"], external, more)

    def _tell_link(self, userid: str, external: str, add_way: int) -> None:
        """To the app whose link brought the customer: the first message, and some later ones by a key."""
        if add_way != 16:
            return
        row = self.store.one(
            "SELECT * FROM link_customers WHERE external_userid = ? AND userid = ? ORDER BY at DESC LIMIT 1",
            external, userid,
        )  # fmt: skip
        if row is None:
            return
        count = row["messages"] + 1
        self.store.run(
            "UPDATE link_customers SET chat_status = 1, messages = ? WHERE link_id = ? AND userid = ? AND external_userid = ?",
            (count, row["link_id"], userid, external),
        )
        link = ("LinkId", row["link_id"])
        if count == 1:
            self.callbacks.acquisition(
                self.corpid, "customer_start_chat", ("UserID", userid), ("ExternalUserID", external), link
            )
        elif count in _TOLD_AT and self.callbacks.wanted(self.corpid):
            key = self.box.seeds.text("chat key", self.corpid, self.store.number("chat key"), length=32)
            self.store.run(
                "INSERT INTO chat_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (key, self.corpid, row["link_id"], userid, external, row["state"], count, self.box.clock.now()),
            )
            self.callbacks.acquisition(self.corpid, "message_from_customer", link, ("ChatKey", key))
