"""Mass message tasks 企业群发 (https://developer.work.weixin.qq.com/document/path/92135, 93338, 97610, 97611)."""

from __future__ import annotations

import sqlite3
from typing import Any

from tiefen.sandbox import audiences
from tiefen.sandbox.audiences import Audience
from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.endpoints.content import message, of, record_of
from tiefen.sandbox.presence import absent
from tiefen.sandbox.state import dump, load

_DISPATCH = 10.0
"""Seconds for which a new task is being handed out to staff."""
_DAY = 86_400.0
_REMINDERS = 3


def _add(call: Call) -> dict[str, Any]:
    call.needs("message")
    chat_type = call.text("chat_type") or "single"
    if chat_type not in ("single", "group"):
        raise Refused(40058, "invalid param 'chat_type'.")
    audience = _groups(call) if chat_type == "group" else _customers(call)
    content = message(call)
    if not audience.parts:
        raise Refused(41048, fail_list=audience.failed)
    msgid = _made(call, chat_type, content, audience)
    for userid in dict.fromkeys(userid for userid, _ in audience.parts):
        call.box.tell_tasked(call.corpid, userid, msgid, chat_type)
    return {"fail_list": audience.failed, "msgid": msgid}


def _customers(call: Call) -> Audience:
    named = call.texts("external_userid", most=10_000)
    tags = [of(call, group).texts("tag_list", most=100) for group in call.within("tag_filter").objects("group_list")]
    tags = [some for some in tags if some]
    sender = _sender(call)
    if not named and not tags and sender is None:
        raise Refused(41035)
    return audiences.of_customers(call.box, call.app, named, sender, tags)


def _groups(call: Call) -> Audience:
    sender = _sender(call)
    if sender is None:
        raise Refused(40058, "missing `sender`.")
    return audiences.of_groups(call.box, call.app, call.texts("chat_id_list", most=2_000), sender)


def _sender(call: Call) -> str | None:
    userid = call.text("sender")
    if not userid:
        return None
    staff = call.staff(userid)
    if not staff["follows"]:
        raise Refused(84061)
    if absent(staff, call.now):
        raise Refused(41054)
    return str(staff["userid"])


def _made(call: Call, chat_type: str, content: dict[str, Any], audience: Audience) -> str:
    msgid = call.new_id("mass_message", "msgGCAAA")
    call.box.store.run(
        "INSERT INTO group_messages (msgid, corpid, agentid, chat_type, creator, create_type, content, allow_select,"
        " created, dispatched) VALUES (?, ?, ?, ?, NULL, 0, ?, ?, ?, ?)",
        (
            msgid, call.corpid, call.app.agentid, chat_type, dump(content), int(call.flag("allow_select")), call.now,
            call.now + _DISPATCH,
        ),
    )  # fmt: skip
    staff = dict.fromkeys(userid for userid, _ in audience.parts)
    call.box.store.many(
        "INSERT INTO group_message_tasks (msgid, userid) VALUES (?, ?)", [(msgid, one) for one in staff]
    )
    call.box.store.many(
        "INSERT INTO group_message_results (msgid, userid, target) VALUES (?, ?, ?)",
        [(msgid, userid, target) for userid, target in audience.parts],
    )
    return msgid


def _list(call: Call) -> dict[str, Any]:
    chat_type, kind = call.text("chat_type", missing=40058), call.number("filter_type", 2, least=0, most=2)
    start, end = call.number("start_time"), call.number("end_time")
    if end < start or end - start > 31 * _DAY:
        raise Refused(40058, "`end_time` out of range.")
    creator, limit = call.text("creator"), _limit(call, 50, 100)
    filters = [chat_type, start, end, creator, kind]
    after = call.cursor(filters) or [0.0, ""]
    rows = call.box.store.all(
        "SELECT * FROM group_messages WHERE corpid = ? AND chat_type = ? AND created >= ? AND created < ? + 1"
        " AND (? = 2 OR create_type = ?) AND (? = '' OR creator = ?) AND (created, msgid) > (?, ?)"
        " ORDER BY created, msgid LIMIT ?",
        call.corpid, chat_type, start, end, kind, kind, creator, creator, *after, limit + 1,
    )  # fmt: skip
    page = rows[:limit]
    more = call.next_cursor(page[-1]["created"], page[-1]["msgid"], filters=filters) if len(rows) > limit else ""
    return {"next_cursor": more, "group_msg_list": [_told(row) for row in page]}


def _told(row: sqlite3.Row) -> dict[str, Any]:
    told = {"msgid": row["msgid"], "create_time": int(row["created"]), "create_type": row["create_type"]}
    if row["creator"] is not None:
        told["creator"] = row["creator"]
    return {**told, **load(row["content"])}


def _tasks(call: Call) -> dict[str, Any]:
    row, limit = _dispatched(call), _limit(call, 500, 1_000)
    after = (call.cursor(row["msgid"]) or [""])[0]
    rows = call.box.store.all(
        "SELECT * FROM group_message_tasks WHERE msgid = ? AND userid > ? ORDER BY userid LIMIT ?",
        row["msgid"], after, limit + 1,
    )  # fmt: skip
    page = rows[:limit]
    more = call.next_cursor(page[-1]["userid"], filters=row["msgid"]) if len(rows) > limit else ""
    told = [{"userid": one["userid"], "status": one["status"], **_when(one["sent"])} for one in page]
    return {"next_cursor": more, "task_list": told}


def _results(call: Call) -> dict[str, Any]:
    row, limit = _dispatched(call), _limit(call, 500, 1_000)
    userid = call.staff(call.text("userid", missing=40003), left=True)["userid"]
    filters = [row["msgid"], userid]
    after = (call.cursor(filters) or [""])[0]
    to_groups = row["chat_type"] == "group"
    rows = call.box.store.all(
        "SELECT * FROM group_message_results WHERE msgid = ? AND userid = ? AND target > ? AND (NOT ? OR status = 1)"
        " ORDER BY target LIMIT ?",
        row["msgid"], userid, after, to_groups, limit + 1,
    )  # fmt: skip
    page = rows[:limit]
    more = call.next_cursor(page[-1]["target"], filters=filters) if len(rows) > limit else ""
    name = "chat_id" if to_groups else "external_userid"
    told = [
        {name: one["target"], "userid": one["userid"], "status": one["status"], **_when(one["sent"])} for one in page
    ]
    return {"next_cursor": more, "send_list": told}


def _remind(call: Call) -> dict[str, Any]:
    row = _not_cancelled(call)
    recent = [at for at in load(row["reminded"]) if at > call.now - _DAY]
    if len(recent) >= _REMINDERS:
        raise Refused(41094)
    call.box.store.run(
        "UPDATE group_messages SET reminded = ? WHERE msgid = ?", (dump([*recent, call.now]), row["msgid"])
    )
    return {}


def _cancel(call: Call) -> dict[str, Any]:
    row = _not_cancelled(call)
    call.box.store.run("UPDATE group_messages SET cancelled = ? WHERE msgid = ?", (call.now, row["msgid"]))
    return {}


def _message(call: Call) -> sqlite3.Row:
    call.needs("message")
    row = call.box.store.one(
        "SELECT * FROM group_messages WHERE msgid = ? AND corpid = ?", call.text("msgid", missing=41046), call.corpid
    )
    if row is None:
        raise Refused(41047)
    return row


def _dispatched(call: Call) -> sqlite3.Row:
    row = _message(call)
    if call.now < row["dispatched"]:
        raise Refused(41063)
    return row


def _not_cancelled(call: Call) -> sqlite3.Row:
    row = _message(call)
    if row["cancelled"] is not None:
        raise Refused(41093)
    return row


def _limit(call: Call, default: int, most: int) -> int:
    """Beyond the most, WeCom takes its default."""
    limit = call.number("limit", default)
    return limit if 1 <= limit <= most else default


def _when(sent: float | None) -> dict[str, int]:
    return {} if sent is None else {"send_time": int(sent)}


ENDPOINTS = (
    Endpoint("externalcontact/add_msg_template", "POST", _add, empty={"fail_list": []}),
    Endpoint("externalcontact/get_groupmsg_list_v2", "POST", _list, empty={"group_msg_list": []}),
    Endpoint("externalcontact/get_groupmsg_task", "POST", _tasks, empty={"task_list": []}),
    Endpoint("externalcontact/get_groupmsg_send_result", "POST", _results, empty={"send_list": []}),
    Endpoint("externalcontact/remind_groupmsg_send", "POST", _remind, record=record_of("msgid")),
    Endpoint("externalcontact/cancel_groupmsg_send", "POST", _cancel, record=record_of("msgid")),
)
