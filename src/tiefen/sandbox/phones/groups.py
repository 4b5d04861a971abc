"""Groups: made, joined, left, renamed, dismissed, by hand."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence

from tiefen.sandbox.callbacks import Field
from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.phones.hand import Hand
from tiefen.sandbox.state import dump, load

_EXTERNAL = 2
"""The type of a member who is no staff."""
INVITED, LINK, CODE = 1, 2, 3
"""How somebody came in, as `groupchat/get` counts."""


def member_version(chat_id: str, changes: int) -> str:
    """The version of a group's members after so many of them came or went."""
    return hashlib.md5(f"{chat_id}:{changes}".encode(), usedforsecurity=False).hexdigest()


class GroupActs(Hand):
    def create_group(
        self, owner_userid: str, name: str, *, staff: Sequence[str] = (), people: Sequence[str] = ()
    ) -> str:
        """Staff seed a group with colleagues and customers; returns its chat_id."""
        with self.box.act():
            owner = self._staff(owner_userid)["userid"]
            others = [(member, kind) for member, kind in map(self._member, [*staff, *people]) if member != owner]
            members = list(dict.fromkeys([(owner, 1), *others]))
            if len(members) > self.box.setting("group_most"):
                raise NotPossible(f"a group holds {self.box.setting('group_most')}")
            return self._found(owner, name, members)

    def join(self, who: str, chat_id: str, *, scene: int = CODE, invitor: str | None = None, state: str = "") -> None:
        """A person or staff come in: `scene` 1 invited, 2 by an invitation link, 3 by a code; staff or people invite."""
        with self.box.act():
            group = self._group(chat_id)
            most = self.box.setting("group_scan_most" if scene == CODE else "group_most")
            if group["members"] >= min(most, self.box.setting("group_most")):
                raise NotPossible(f"{chat_id} takes no more by this way")
            member, kind = self._member(who)
            by = None if invitor is None else self._member(invitor)[0]
            self._enter(chat_id, member, kind, scene, by, state or None)
            self._count(group, 1, 1)
            self._tell_members(group, "add_member", [member], scene=scene)
            if kind == _EXTERNAL:
                self._welcome(group, member)

    def scan_join_way(self, person: str, config_id: str) -> str:
        """The person scans a join way into the first group that has room; returns its chat_id.

        With all of them full, a way that may seed another does.
        """
        with self.box.act():
            way = self.store.one("SELECT * FROM join_ways WHERE config_id = ? AND corpid = ?", config_id, self.corpid)
            if way is None:
                raise NotPossible(f"the code {config_id} leads nowhere")
            chat_id = self._with_places(way) or self._seed_next(way)
            if self._is_in(chat_id, self._external(person)):
                return chat_id
            self.join(person, chat_id, scene=CODE, state=way["state"])
            return chat_id

    def leave(self, who: str, chat_id: str) -> None:
        with self.box.act():
            self._exit(self._group(chat_id), self._member(who)[0], 0)

    def remove(self, who: str, chat_id: str, *, by: str) -> None:
        """The owner or an administrator of the group removes somebody."""
        with self.box.act():
            group, remover = self._group(chat_id), self._staff(by)["userid"]
            if remover.lower() not in {group["owner"].lower(), *(userid.lower() for userid in load(group["admins"]))}:
                raise NotPossible(f"{by} runs {chat_id} not")
            self._exit(group, self._member(who)[0], 1)

    def rename_group(self, chat_id: str, name: str) -> None:
        with self.box.act():
            group = self._change(chat_id, "name", name)
            self._tell(group, "update", ("UpdateDetail", "change_name"))

    def set_notice(self, chat_id: str, notice: str) -> None:
        with self.box.act():
            group = self._change(chat_id, "notice", notice)
            self._tell(group, "update", ("UpdateDetail", "change_notice"))

    def set_group_welcome(self, chat_id: str, template_id: str | None) -> None:
        """Newcomers of the group are greeted by that template of the company's from now on; None: by nothing."""
        with self.box.act():
            self._group(chat_id)
            found = template_id is None or self.store.one(
                "SELECT 1 FROM group_welcomes WHERE template_id = ? AND corpid = ?", template_id, self.corpid
            )
            if not found:
                raise NotPossible(f"there is no welcome {template_id}")
            self.store.set(f"group welcome:{chat_id}", template_id)

    def change_owner(self, chat_id: str, userid: str) -> None:
        """The group is handed to a colleague in it."""
        with self.box.act():
            owner = self._staff(userid)["userid"]
            if not self._is_in(chat_id, owner):
                raise NotPossible(f"{userid} is not in {chat_id}")
            group = self._change(chat_id, "owner", owner)
            self.store.run("UPDATE groups SET status = 0 WHERE chat_id = ?", (chat_id,))
            self._tell(group, "update", ("UpdateDetail", "change_owner"))

    def set_admins(self, chat_id: str, userids: Sequence[str]) -> None:
        """Who runs the group beside its owner; WeCom tells nobody."""
        with self.box.act():
            self._change(chat_id, "admins", dump([self._staff(userid)["userid"] for userid in userids]))

    def dismiss(self, chat_id: str) -> None:
        with self.box.act():
            group, now = self._group(chat_id), self.box.clock.now()
            self.store.run("UPDATE groups SET dismissed = ? WHERE chat_id = ?", (now, chat_id))
            self.store.run("UPDATE stays SET left_at = ? WHERE chat_id = ? AND left_at IS NULL", (now, chat_id))
            self._tell(group, "dismiss")

    def groups_of(self, who: str) -> list[str]:
        """The groups somebody is in."""
        with self.box.act():
            return self.store.column(
                "SELECT chat_id FROM stays WHERE member_id = ? AND corpid = ? AND left_at IS NULL ORDER BY joined, id",
                self._member(who)[0], self.corpid,
            )  # fmt: skip

    def _found(self, owner: str, name: str, members: Sequence[tuple[str, int]]) -> str:
        number, now = self.store.number("group"), self.box.clock.now()
        chat_id = "wr" + self.box.seeds.text("chat", self.corpid, number, length=30)
        opengid = "tGID" + self.box.seeds.text("opengid", self.corpid, number, length=24)
        self.store.run(
            "INSERT INTO groups (chat_id, corpid, name, owner, created, changes, members, opengid)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (chat_id, self.corpid, name, owner, now, len(members), len(members), opengid),
        )
        self.store.many(
            "INSERT INTO stays (corpid, chat_id, member_id, type, joined, scene, invitor) VALUES (?, ?, ?, ?, ?, 1, ?)",
            [(self.corpid, chat_id, member, kind, now, None if member == owner else owner) for member, kind in members],
        )
        self.callbacks.chat(self.corpid, "create", chat_id, owner)
        return chat_id

    def _welcome(self, group: sqlite3.Row, newcomer: str) -> None:
        """The welcome the owner chose, which the newcomer alone sees; a template that was deleted greets nobody."""
        template_id = self.store.setting(f"group welcome:{group['chat_id']}", None)
        content = template_id and self.store.value(
            "SELECT content FROM group_welcomes WHERE template_id = ?", template_id
        )
        if content:
            self.box.tell_delivered(self.corpid, "group_welcome", group["owner"], newcomer, load(content))

    def _enter(self, chat_id: str, member: str, kind: int, scene: int, invitor: str | None, state: str | None) -> None:
        try:
            self.store.run(
                "INSERT INTO stays (corpid, chat_id, member_id, type, joined, scene, invitor, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (self.corpid, chat_id, member, kind, self.box.clock.now(), scene, invitor, state),
            )
        except sqlite3.IntegrityError:
            raise NotPossible(f"{member} is in {chat_id} already") from None

    def _exit(self, group: sqlite3.Row, member: str, quit: int) -> None:
        if member.lower() == group["owner"].lower():
            raise NotPossible(f"{member} owns {group['chat_id']} and hands it over first")
        left = self.store.run(
            "UPDATE stays SET left_at = ?, quit = ? WHERE chat_id = ? AND member_id = ? AND left_at IS NULL",
            (self.box.clock.now(), quit, group["chat_id"], member),
        )
        if not left.rowcount:
            raise NotPossible(f"{member} is not in {group['chat_id']}")
        self._count(group, 1, -1)
        self._tell_members(group, "del_member", [member], quit=quit)

    def _count(self, group: sqlite3.Row, changes: int, members: int) -> None:
        self.store.run(
            "UPDATE groups SET changes = changes + ?, members = members + ? WHERE chat_id = ?",
            (changes, members, group["chat_id"]),
        )

    def _tell_members(
        self, group: sqlite3.Row, detail: str, members: Sequence[str], *, scene: int = 0, quit: int = 0
    ) -> None:
        """`group` as it was before. A callback counts ways in differently: 0 invited, 3 by a code."""
        if not self.callbacks.wanted(self.corpid):
            return
        chat_id, changes = group["chat_id"], group["changes"]
        self._tell(
            group, "update", ("UpdateDetail", detail), ("JoinScene", 3 if scene == CODE else 0), ("QuitScene", quit),
            ("MemChangeCnt", len(members)), ("MemChangeList", list(members)),
            ("LastMemVer", member_version(chat_id, changes)),
            ("CurMemVer", member_version(chat_id, changes + len(members))),
        )  # fmt: skip

    def _tell(self, group: sqlite3.Row, change: str, *more: Field) -> None:
        self.callbacks.chat(self.corpid, change, group["chat_id"], group["owner"], *more)

    def _change(self, chat_id: str, field: str, value: str) -> sqlite3.Row:
        """Set a field and keep what stood there for those who read too early; the group as it was."""
        group = self._group(chat_id)
        now = self.box.clock.now()
        self.store.run("INSERT INTO group_changes VALUES (?, ?, ?, ?)", (chat_id, now, field, group[field]))
        self.store.run(f"UPDATE groups SET {field} = ? WHERE chat_id = ?", (value, chat_id))
        return group

    def _is_in(self, chat_id: str, member: str) -> bool:
        return (
            self.store.one(
                "SELECT 1 FROM stays WHERE chat_id = ? AND member_id = ? AND left_at IS NULL", chat_id, member
            )
            is not None
        )

    def _with_places(self, way: sqlite3.Row) -> str | None:
        most = min(self.box.setting("group_scan_most"), self.box.setting("group_most"))
        for chat_id in load(way["chat_ids"]):
            row = self.store.one("SELECT * FROM groups WHERE chat_id = ?", chat_id)
            if row is not None and row["dismissed"] is None and row["members"] < most:
                return str(chat_id)
        return None

    def _seed_next(self, way: sqlite3.Row) -> str:
        """Another group with the way's name and the next number; of five groups the way forgets the first."""
        chat_ids: list[str] = load(way["chat_ids"])
        last = self.store.one("SELECT * FROM groups WHERE chat_id = ?", chat_ids[-1])
        if not way["auto_create_room"] or last is None:
            raise NotPossible(f"all groups behind {way['config_id']} are full")
        name = f"{way['room_base_name'] or last['name']}{way['room_base_id']}"
        chat_id = self._found(last["owner"], name, [(last["owner"], 1)])
        self.store.run(
            "UPDATE join_ways SET chat_ids = ?, room_base_id = room_base_id + 1 WHERE config_id = ?",
            (dump([*chat_ids, chat_id][-5:]), way["config_id"]),
        )
        return chat_id
