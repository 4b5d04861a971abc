"""Events as WeCom writes them, field by field in the pages' order (https://developer.work.weixin.qq.com/document/path/92130, 97299, 90970)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from tiefen.sandbox.corps import Corp

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

Field = tuple[str, "str | int | Sequence[str] | None"]
WELCOME_LIVES = 20.0
"""Seconds a welcome code is good for (https://developer.work.weixin.qq.com/document/path/92137)."""
_PLAIN = frozenset({"LastMemVer", "CurMemVer"})
_WITHOUT_CONTACTS = frozenset({"change_contact", "msgaudit_notify"})
_HELD_BACK = 1.0
"""Real seconds a reordered callback waits at most for others to overtake it."""


class Callbacks:
    """Makes events of what people do. All methods belong inside a unit."""

    def __init__(self, box: Sandbox) -> None:
        self._box, self._store = box, box.store

    def wanted(self, corpid: str) -> bool:
        """Whether anybody would notice: in bulk without an address nobody does."""
        return not self._box.in_bulk or self._box.corps_kept.corp(corpid).callback_url is not None

    def contact(
        self, corpid: str, change: str, userid: str, external: str, *more: Field, before: Sequence[Field] = ()
    ) -> None:
        """`change_external_contact`; `before` stands in front of the two ids."""
        ids = (("UserID", userid), ("ExternalUserID", external))
        self.make(corpid, "change_external_contact", [("ChangeType", change), *before, *ids, *more], userid)

    def chat(self, corpid: str, change: str, chat_id: str, owner: str, *more: Field) -> None:
        """`change_external_chat`, told to those who see the owner."""
        self.make(corpid, "change_external_chat", [("ChatId", chat_id), ("ChangeType", change), *more], owner)

    def tag(self, corpid: str, change: str, id: str, kind: str) -> None:
        """`change_external_tag`; a reshuffle has no kind."""
        fields: list[Field] = [("Id", id)]
        fields += [("TagType", kind), ("ChangeType", change)] if kind else [("ChangeType", change)]
        self.make(corpid, "change_external_tag", fields, None)

    def acquisition(self, corpid: str, change: str, *fields: Field) -> None:
        self.make(corpid, "customer_acquisition", [("ChangeType", change), *fields], None)

    def make(self, corpid: str, event: str, fields: Sequence[Field], userid: str | None) -> None:
        """Write an event down and, if the company has an address, put it into the outbox.

        Nothing for an app that may not see `userid` or has lost its permission.
        """
        corp = self._box.corps_kept.corp(corpid)
        if self._box.in_bulk and corp.callback_url is None:
            return
        app = self._box.corps_kept.app(corpid, corp.keys.agentid)
        if app.disabled or (userid is not None and not app.sees(userid)):
            return
        if event not in _WITHOUT_CONTACTS and "contact" not in app.permissions:
            return
        now = self._box.clock.now()
        xml = _xml(corpid, int(now), event, fields)
        number = self._store.run(
            "INSERT INTO callbacks (corpid, at, xml, fate) VALUES (?, ?, ?, 'made')", (corpid, now, xml)
        ).lastrowid
        if corp.callback_url is not None and number is not None:
            self._post(corp, number, xml)

    def welcome_code(self, corpid: str, userid: str, external: str, *, half: bool = False) -> str:
        """A code by which the newcomer may be greeted once, within twenty seconds."""
        code = "CODE" + self._box.seeds.text("welcome", corpid, self._store.number("welcome"), length=40)
        self._store.run(
            "INSERT INTO welcome_codes (code, corpid, userid, external_userid, created, half) VALUES (?, ?, ?, ?, ?, ?)",
            (code, corpid, userid, external, self._box.clock.now(), int(half)),
        )
        return code

    def _post(self, corp: Corp, number: int, xml: str) -> None:
        faults, seeds = self._box.faults, self._box.seeds
        if faults.callback_lost and seeds.share("lost", number) < faults.callback_lost:
            self._store.run("UPDATE callbacks SET fate = 'lost' WHERE id = ?", (number,))
            return
        self._store.run("UPDATE callbacks SET fate = 'queued' WHERE id = ?", (number,))
        rank, ready = number, 0.0
        if faults.callback_reordered and seeds.share("reordered", number) < faults.callback_reordered:
            rank, ready = number + 2 + int(8 * seeds.share("how far", number)), time.time() + _HELD_BACK
        again = faults.callback_doubled and seeds.share("doubled", number) < faults.callback_doubled
        for _ in range(2 if again else 1):
            self._box.outbox.put(corp.corpid, "callback", xml, rank=rank, ready=ready, callback=number)


def _xml(corpid: str, at: int, event: str, fields: Sequence[Field]) -> str:
    head: list[Field] = [
        ("ToUserName", corpid), ("FromUserName", "sys"), ("CreateTime", at), ("MsgType", "event"), ("Event", event),
    ]  # fmt: skip
    return f"<xml>{''.join(_element(name, value) for name, value in (*head, *fields))}</xml>"


def _element(name: str, value: str | int | Sequence[str] | None) -> str:
    match value:
        case None:
            return ""
        case int():
            return f"<{name}>{value}</{name}>"
        case str():
            inside = escape(value) if name in _PLAIN else f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
            return f"<{name}>{inside}</{name}>"
        case _:
            return f"<{name}>{''.join(f'<Item>{escape(item)}</Item>' for item in value)}</{name}>"
