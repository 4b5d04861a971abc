"""Customer groups (https://developer.work.weixin.qq.com/document/path/92120, 92122, 94822).

What happened in a group is told with a lag of two seconds (the setting `lag`).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.endpoints.contacts import unionid
from tiefen.sandbox.phones.groups import member_version
from tiefen.sandbox.state import dump, load

_MANY = 1_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A group as the API sees it, at the time `at`."""

    row: sqlite3.Row
    at: float
    name: str
    owner: str
    notice: str
    admins: list[str]


def group(call: Call, chat_id: str) -> sqlite3.Row:
    """The group as it really is: 86001 without id, 40050 unknown, 49008 dismissed, 60011 owner beyond the app's range."""
    if not chat_id:
        raise Refused(86001)
    row = call.box.store.one("SELECT * FROM groups WHERE chat_id = ? AND corpid = ?", chat_id, call.corpid)
    if row is None:
        raise Refused(40050)
    if row["dismissed"] is not None and row["dismissed"] <= call.now - call.box.setting("lag"):
        raise Refused(49008)
    if not call.app.sees(row["owner"]):
        raise Refused(60011)
    return row


def seen(call: Call, chat_id: str) -> Seen:
    """The group as it was a moment ago; a new one as it was made."""
    row = group(call, chat_id)
    at = max(call.now - call.box.setting("lag"), row["created"])
    fields = {name: row[name] for name in ("name", "owner", "notice", "admins")}
    later = call.box.store.all(
        "SELECT field, old FROM group_changes WHERE chat_id = ? AND at > ? ORDER BY at DESC, rowid DESC", chat_id, at
    )
    fields.update({change["field"]: change["old"] for change in later})
    return Seen(row, at, fields["name"], fields["owner"], fields["notice"], load(fields["admins"]))


def _list(call: Call) -> dict[str, Any]:
    status = call.number("status_filter", 0, least=0, most=3)
    limit = call.number("limit", least=1, most=_MANY)
    asked = call.within("owner_filter").texts("userid_list", most=100)
    owners = [call.staff(userid, left=True)["userid"].lower() for userid in asked] or _visible_owners(call)
    filters = [status, sorted(asked)]
    created, after = call.cursor(filters) or [0.0, ""]
    rows = call.box.store.all(
        "SELECT chat_id, status, created FROM groups WHERE corpid = ? AND lower(owner) IN (SELECT value FROM json_each(?))"
        " AND (dismissed IS NULL OR dismissed > ?) AND (created, chat_id) > (?, ?) AND (? = 0 OR status = ?)"
        " ORDER BY created, chat_id LIMIT ?",
        call.corpid, dump(owners), call.now - call.box.setting("lag"), created, after, status, status, limit + 1,
    )  # fmt: skip
    page = rows[:limit]
    more = {}
    if len(rows) > limit:
        more = {"next_cursor": call.next_cursor(page[-1]["created"], page[-1]["chat_id"], filters=filters)}
    return {"group_chat_list": [{"chat_id": row["chat_id"], "status": row["status"]} for row in page], **more}


def _visible_owners(call: Call) -> list[str]:
    """Those at work: who has left must be named. More than a thousand have to be named too."""
    staff = call.visible_staff()
    if len(staff) > _MANY:
        raise Refused(81017)
    return [userid.lower() for userid in staff]


def _get(call: Call) -> dict[str, Any]:
    found = seen(call, call.text("chat_id"))
    named = call.number("need_name", 0, least=0, most=1) == 1
    row = found.row
    members = call.box.store.all(
        "SELECT s.*, u.name AS staff_name, p.name AS person_name, coalesce(p.unionid, '') AS unionid FROM stays s"
        " LEFT JOIN users u ON s.type = 1 AND u.corpid = s.corpid AND u.userid = s.member_id"
        " LEFT JOIN externals e ON s.type = 2 AND e.external_userid = s.member_id"
        " LEFT JOIN persons p ON p.person = e.person"
        " WHERE s.chat_id = ? AND s.joined <= ? AND (s.left_at IS NULL OR s.left_at > ?) ORDER BY s.joined, s.id",
        row["chat_id"], found.at, found.at,
    )  # fmt: skip
    later = call.box.store.value(
        "SELECT (SELECT count(*) FROM stays WHERE chat_id = ?1 AND joined > ?2)"
        " + (SELECT count(*) FROM stays WHERE chat_id = ?1 AND left_at > ?2 AND ?3)",
        row["chat_id"], found.at, int(row["dismissed"] is None),
    )  # fmt: skip
    return {
        "group_chat": {
            "chat_id": row["chat_id"], "name": found.name, "owner": found.owner, "create_time": int(row["created"]),
            **({"notice": found.notice} if found.notice else {}),
            "member_list": [_member(call, member, named) for member in members],
            "admin_list": [{"userid": userid} for userid in found.admins],
            "member_version": member_version(row["chat_id"], row["changes"] - later),
        }
    }  # fmt: skip


def _member(call: Call, row: sqlite3.Row, named: bool) -> dict[str, Any]:
    member: dict[str, Any] = {
        "userid": row["member_id"], "type": row["type"], "join_time": int(row["joined"]), "join_scene": row["scene"],
    }  # fmt: skip
    # Only staff of one's own are told as inviters.
    if row["invitor"] is not None and not row["invitor"].startswith(("wm", "wo")):
        member["invitor"] = {"userid": row["invitor"]}
    member["group_nickname"] = ""
    if named:
        member["name"] = row["staff_name"] or row["person_name"] or ""
    if row["type"] == 2 and (union := unionid(call, row)):
        member["unionid"] = union
    return member | ({"state": row["state"]} if row["state"] else {})


def _opengid(call: Call) -> dict[str, Any]:
    opengid = call.text("opengid", missing=90511)
    row = call.box.store.one("SELECT * FROM groups WHERE opengid = ? AND corpid = ?", opengid, call.corpid)
    if row is None or not call.app.sees(row["owner"]):
        raise Refused(90511)
    return {"chat_id": row["chat_id"]}


ENDPOINTS = (
    Endpoint("externalcontact/groupchat/list", "POST", _list, empty={"group_chat_list": []}),
    Endpoint("externalcontact/groupchat/get", "POST", _get, empty={"group_chat": {}}),
    Endpoint("externalcontact/opengid_to_chatid", "POST", _opengid, empty={"chat_id": ""}),
)
