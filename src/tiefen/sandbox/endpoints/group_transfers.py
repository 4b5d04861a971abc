"""Groups get another owner, on the job at once and after leaving in a while.

https://developer.work.weixin.qq.com/document/path/95703, 92127
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused, china_day
from tiefen.sandbox.endpoints.errcodes import errmsg
from tiefen.sandbox.phones.groups import GroupActs
from tiefen.sandbox.presence import absent

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

_AT_ONCE = 100
_A_DAY = 300
_PROTECTED = 90 * 86_400.0
_TAKES = 30.0
"""Seconds until the group of somebody who left has its new owner."""
_OWNER_LEFT, _UNDER_WAY, _HANDED_OVER = 1, 2, 3


def _onjob(call: Call) -> dict[str, Any]:
    return _transfer(call, "onjob")


def _resigned(call: Call) -> dict[str, Any]:
    return _transfer(call, "resigned")


def _transfer(call: Call, kind: str) -> dict[str, Any]:
    call.needs("transfer")
    owner = call.staff(call.text("new_owner", missing=40003))
    chat_ids = call.texts("chat_id_list", most=_AT_ONCE, missing=40058)
    if not owner["follows"]:
        raise Refused(90506)
    if absent(owner, call.now):
        raise Refused(41054)
    failed = []
    for chat_id in dict.fromkeys(chat_ids):
        code = _one(call, kind, chat_id, owner["userid"])
        if code:
            failed.append({"chat_id": chat_id, "errcode": code, "errmsg": errmsg(code)})
    return {"failed_chat_list": failed}


def _one(call: Call, kind: str, chat_id: str, taker: str) -> int:
    """Hand one group over; 0, or the errcode of why not."""
    group = call.box.store.one("SELECT * FROM groups WHERE chat_id = ? AND corpid = ?", chat_id, call.corpid)
    if group is None:
        return 90501
    if group["dismissed"] is not None:
        return 49008
    code = (_why_not_onjob if kind == "onjob" else _why_not_resigned)(call, group, taker)
    if code:
        return code
    call.box.store.run(
        "INSERT INTO group_transfers (corpid, kind, chat_id, owner_before, owner_after, created) VALUES (?, ?, ?, ?, ?, ?)",
        (call.corpid, kind, chat_id, group["owner"], taker, call.now),
    )
    if kind == "onjob":
        _NewOwner(call.box, call.corpid).takes(chat_id, taker, 0)
    else:
        call.box.store.run("UPDATE groups SET status = ? WHERE chat_id = ?", (_UNDER_WAY, chat_id))
        call.box.schedule(call.now + _TAKES, "group_handover", [call.corpid, chat_id, taker])
    return 0


def _why_not_onjob(call: Call, group: sqlite3.Row, taker: str) -> int:
    owner = _staff(call, group["owner"])
    if owner is None or not call.app.sees(group["owner"]):
        return 60011
    if owner["left_at"] is not None or group["owner"].lower() == taker.lower():
        return 90502
    if absent(owner, call.now):
        return 41054
    times = call.box.store.value(
        "SELECT count(*) FROM group_transfers WHERE chat_id = ? AND kind = 'onjob' AND created > ?",
        group["chat_id"], call.now - _PROTECTED,
    )  # fmt: skip
    return 90504 if times >= 2 or _today(call, group["owner"]) >= _A_DAY else 0


def _why_not_resigned(call: Call, group: sqlite3.Row, taker: str) -> int:
    if group["status"] == _UNDER_WAY:
        return 90507
    owner = _staff(call, group["owner"])
    if owner is None or owner["left_at"] is None:
        return 90508 if group["status"] == _HANDED_OVER else 90500
    return 90504 if _today(call, group["owner"]) >= _A_DAY else 0


def _staff(call: Call, userid: str) -> sqlite3.Row | None:
    return call.box.store.one("SELECT * FROM users WHERE corpid = ? AND userid = ?", call.corpid, userid)


def _today(call: Call, owner: str) -> int:
    """How many groups of one owner went to somebody else today."""
    count: int = call.box.store.value(
        "SELECT count(*) FROM group_transfers WHERE corpid = ? AND owner_before = ? AND created >= ?",
        call.corpid, owner, china_day(call.now),
    )  # fmt: skip
    return count


def finish(box: Sandbox, payload: list[str]) -> None:
    """The group of somebody who left has its new owner."""
    corpid, chat_id, taker = payload
    group = box.store.one("SELECT * FROM groups WHERE chat_id = ?", chat_id)
    at_work = box.store.one("SELECT 1 FROM users WHERE corpid = ? AND userid = ? AND left_at IS NULL", corpid, taker)
    if group is None or group["dismissed"] is not None or group["status"] != _UNDER_WAY:
        return
    if at_work is None:
        box.store.run("UPDATE groups SET status = ? WHERE chat_id = ?", (_OWNER_LEFT, chat_id))
        return
    owner = group["owner"]
    acts = _NewOwner(box, corpid)
    acts.takes(chat_id, taker, _HANDED_OVER)
    acts.goes(chat_id, owner)


class _NewOwner(GroupActs):
    """What changes in a group without anybody's hand: no callback tells of it."""

    def takes(self, chat_id: str, taker: str, status: int) -> None:
        """Becomes the owner, and a member if they were none."""
        group = self._change(chat_id, "owner", taker)
        self.store.run("UPDATE groups SET status = ? WHERE chat_id = ?", (status, chat_id))
        if not self._is_in(chat_id, taker):
            self._enter(chat_id, taker, 1, 1, group["owner"], None)
            self._count(group, 1, 1)

    def goes(self, chat_id: str, userid: str) -> None:
        """Whoever left the company is no member any more."""
        left = self.store.run(
            "UPDATE stays SET left_at = ?, quit = 0 WHERE chat_id = ? AND member_id = ? AND left_at IS NULL",
            (self.box.clock.now(), chat_id, userid),
        )
        if left.rowcount:
            self._count(self._group(chat_id), 1, -1)


_PATH = "externalcontact/groupchat/"
ENDPOINTS = (
    Endpoint(f"{_PATH}onjob_transfer", "POST", _onjob, empty={"failed_chat_list": []}),
    Endpoint(f"{_PATH}transfer", "POST", _resigned, empty={"failed_chat_list": []}),
)
WORK = {"group_handover": finish}
