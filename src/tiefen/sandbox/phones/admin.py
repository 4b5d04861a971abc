"""What an administrator does in WeCom's console: tags, permissions, ranges, addresses, links."""

from __future__ import annotations

from collections.abc import Sequence

from tiefen.sandbox.corps import APP
from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.phones.hand import Hand
from tiefen.sandbox.state import Store, dump

_TRUST_AFTER = 60.0
"""Seconds until a new trusted address is let in."""


class AdminActs(Hand):
    def admin_add_tag(self, group: str, name: str) -> str:
        """A tag in a group, which is made if there is none of that name; returns the tag's id."""
        with self.box.act():
            now = self.box.clock.now()
            group_id = self.store.value(
                "SELECT group_id FROM tag_groups WHERE corpid = ? AND name = ? AND NOT deleted", self.corpid, group
            )
            if group_id is None:
                group_id = self._id("tag group", "et")
                self.store.run(
                    "INSERT INTO tag_groups VALUES (?, ?, 0, ?, ?, 0, 0)", (group_id, self.corpid, group, now)
                )
                self.callbacks.tag(self.corpid, "create", group_id, "tag_group")
            if self.store.one("SELECT 1 FROM tags WHERE group_id = ? AND name = ? AND NOT deleted", group_id, name):
                raise NotPossible(f"there is a tag {name} in {group}")
            tag_id = self._id("tag", "et")
            self.store.run(
                "INSERT INTO tags VALUES (?, ?, ?, 0, ?, ?, 0, 0)", (tag_id, self.corpid, group_id, name, now)
            )
            self.callbacks.tag(self.corpid, "create", tag_id, "tag")
            return tag_id

    def admin_edit_tag(self, id: str, *, name: str | None = None, order: int | None = None) -> None:
        """Rename or move a tag or a group of tags. Moving tells of a reshuffle."""
        with self.box.act():
            table, key, kind = self._tag_or_group(id)
            if name is not None:
                self.store.run(f"UPDATE {table} SET name = ? WHERE {key} = ?", (name, id))
                self.callbacks.tag(self.corpid, "update", id, kind)
            if order is not None:
                self.store.run(f"UPDATE {table} SET ord = ? WHERE {key} = ?", (order, id))
                group = (
                    id if kind == "tag_group" else self.store.value("SELECT group_id FROM tags WHERE tag_id = ?", id)
                )
                self.callbacks.tag(self.corpid, "shuffle", group, "")

    def admin_delete_tag(self, id: str) -> None:
        """Delete a tag, or a group with its tags, of which nothing is told."""
        with self.box.act():
            _, _, kind = self._tag_or_group(id)
            if kind == "tag":
                remove_tags(self.store, [id])
            else:
                tags = self.store.column("SELECT tag_id FROM tags WHERE group_id = ? AND NOT deleted", id)
                remove_tags(self.store, tags)
                self.store.run("UPDATE tag_groups SET deleted = 1 WHERE group_id = ?", (id,))
            self.callbacks.tag(self.corpid, "delete", id, kind)

    def admin_revoke(self, permission: str = "contact", *, agentid: int = APP) -> None:
        """Take a permission from the app: 48002 from now on, and no more callbacks without `contact`."""
        with self.box.act():
            app = self.box.corps_kept.app(self.corpid, agentid)
            self._change_app(agentid, permissions=dump(sorted(app.permissions - {permission})))

    def admin_grant(self, permission: str = "contact", *, agentid: int = APP) -> None:
        with self.box.act():
            app = self.box.corps_kept.app(self.corpid, agentid)
            self._change_app(agentid, permissions=dump(sorted(app.permissions | {permission})))

    def admin_set_visible(
        self, departments: Sequence[int] | None = None, users: Sequence[str] | None = None, *, agentid: int = APP
    ) -> None:
        """Limit the app to departments (with all below) and staff; neither given: to nobody less than everybody."""
        with self.box.act():
            whole = departments is None and users is None
            visible = None if whole else dump({"departments": list(departments or ()), "users": list(users or ())})
            self._change_app(agentid, visible=visible)

    def admin_set_trusted_ips(self, ips: Sequence[str] | None, *, agentid: int = APP) -> None:
        """Let only these addresses in (60020 for others); new ones after a minute. None lets everybody in."""
        with self.box.act():
            before = self.box.corps_kept.app(self.corpid, agentid).trusted_ips or {}
            since = self.box.clock.now() + _TRUST_AFTER
            trusted = None if ips is None else dump({ip: before.get(ip, since) for ip in ips})
            self._change_app(agentid, trusted_ips=trusted)

    def admin_disable_app(self, disabled: bool = True, *, agentid: int = APP) -> None:
        with self.box.act():
            self._change_app(agentid, disabled=int(disabled))

    def admin_end_tokens(self, *, agentid: int = APP) -> None:
        """End the app's tokens before their time, as WeCom may at any moment (40014)."""
        with self.box.act():
            self.store.run("UPDATE tokens SET revoked = 1 WHERE corpid = ? AND agentid = ?", (self.corpid, agentid))

    def admin_set_welcome(self, userid: str, text: str | None) -> None:
        """Have the console's own message greet newcomers of this staff: no welcome codes are issued for them then."""
        with self.box.act():
            self.store.run(
                "UPDATE users SET welcome = ? WHERE corpid = ? AND userid = ?",
                (text, self.corpid, self._staff(userid)["userid"]),
            )

    def admin_delete_link(self, link_id: str) -> None:
        """Delete an acquisition link in the console."""
        with self.box.act():
            now = self.box.clock.now()
            gone = self.store.run(
                "UPDATE links SET deleted = ? WHERE link_id = ? AND corpid = ? AND deleted IS NULL",
                (now, link_id, self.corpid),
            )
            if not gone.rowcount:
                raise NotPossible(f"there is no link {link_id}")
            self.callbacks.acquisition(self.corpid, "delete_link", ("LinkId", link_id))

    def admin_set_balance(self, balance: int, *, expires: float | None = None) -> None:
        """How many customers may still be won by acquisition links, and until when."""
        from tiefen.sandbox.endpoints.acquisition import expire

        with self.box.act():
            before = self.box.corps_kept.corp(self.corpid).settings.get("acquisition_balance")
            self.box.corps_kept.configure(self.corpid, acquisition_balance=balance)
            if expires is not None:
                expire(self.box, self.corpid, expires)
            if before == 0 and balance > 0:
                self.callbacks.acquisition(self.corpid, "balance_increased")

    def admin_configure(self, **settings: object) -> None:
        """Other settings of the company:

        - `customers_most`: how many customers it has paid for (None: any number); beyond, nobody is added and lists answer 610023
        - `customers_qualified`: False without the papers for that (610024)
        - `archive`: "on", "off" (never bought) or "over"; `archive_notify`: tell of new rows
        - `moments`: False where the company has no Moments; `refused_words`: words no message may hold
        - `unionid_bound`: False where customers have no unionid; `industry`: "unset", or "banned" from acquisition links
        - `accounts`: licensed accounts, which bound how much an app may write to staff in a day
        """
        with self.box.act():
            self.box.corps_kept.configure(self.corpid, **settings)

    def _change_app(self, agentid: int, **fields: object) -> None:
        self.box.corps_kept.change_app(self.corpid, agentid, **fields)

    def _id(self, kind: str, prefix: str) -> str:
        return prefix + self.box.seeds.text(kind, self.corpid, self.store.number(kind), length=30)

    def _tag_or_group(self, id: str) -> tuple[str, str, str]:
        for table, key, kind in (("tags", "tag_id", "tag"), ("tag_groups", "group_id", "tag_group")):
            found = self.store.one(
                f"SELECT 1 FROM {table} WHERE {key} = ? AND corpid = ? AND NOT deleted", id, self.corpid
            )
            if found is not None:
                return table, key, kind
        raise NotPossible(f"there is no tag {id}")


def remove_tags(store: Store, tags: Sequence[str]) -> None:
    """Take tags out of the library and off everybody; a group without tags goes with its last one."""
    for tag in tags:
        store.run("UPDATE tags SET deleted = 1 WHERE tag_id = ?", (tag,))
        store.run("DELETE FROM follow_tags WHERE tag_id = ?", (tag,))
        store.run(
            "UPDATE tag_groups SET deleted = 1 WHERE group_id = (SELECT group_id FROM tags WHERE tag_id = ?)"
            " AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.group_id = tag_groups.group_id AND NOT t.deleted)",
            (tag,),
        )
