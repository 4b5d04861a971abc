"""Members of staff (https://developer.work.weixin.qq.com/document/path/90196, 90200, 90201, 96067, 92571)."""

from __future__ import annotations

import sqlite3
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.endpoints.departments import department
from tiefen.sandbox.endpoints.ids import open_userid

_MOST = 10_000
"""Beyond it a list of one department is too big."""


def _get(call: Call) -> dict[str, Any]:
    return _card(call.staff(call.text("userid", missing=40003)))


def _list(call: Call) -> dict[str, Any]:
    return {"userlist": [_card(row) for row in _of_department(call)]}


def _simplelist(call: Call) -> dict[str, Any]:
    return {"userlist": [_short(call, row) for row in _of_department(call)]}


def _list_id(call: Call) -> dict[str, Any]:
    limit = call.number("limit", _MOST, least=1, most=_MOST)
    after = (call.cursor() or [""])[0]
    rows = call.box.store.all(
        "SELECT userid, department FROM users WHERE corpid = ? AND userid > ? AND left_at IS NULL ORDER BY userid LIMIT ?",
        call.corpid, after, limit + 1,
    )  # fmt: skip
    page = rows[:limit]
    return {
        "next_cursor": call.next_cursor(page[-1]["userid"]) if len(rows) > limit else "",
        "dept_user": [{"userid": row["userid"], "department": row["department"]} for row in page],
    }


def _follow_staff(call: Call) -> dict[str, Any]:
    return {"follow_user": call.visible_staff(follows=True)}


def _of_department(call: Call) -> list[sqlite3.Row]:
    row = department(call, call.number("department_id"))
    rows = call.box.store.all(
        "SELECT * FROM users WHERE corpid = ? AND department = ? AND left_at IS NULL ORDER BY hired, userid",
        call.corpid, row["id"],
    )  # fmt: skip
    if len(rows) > _MOST:
        raise Refused(45029)
    return [row for row in rows if call.app.sees(row["userid"])]


def _short(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "userid": row["userid"], "name": row["name"], "department": [row["department"]],
        "open_userid": open_userid(call.box, call.corpid, row["userid"]),
    }  # fmt: skip


def _card(row: sqlite3.Row) -> dict[str, Any]:
    """Without what an app made after 2022-06-20 may not see: mobile, email, gender, avatar, QR code."""
    return {
        "userid": row["userid"], "name": row["name"], "department": [row["department"]], "order": [0],
        "position": row["position"], "status": row["status"], "enable": int(row["status"] != 2), "isleader": 0,
        "extattr": {"attrs": []}, "hide_mobile": 0, "telephone": "", "is_leader_in_dept": [0],
        "main_department": row["department"], "alias": "", "direct_leader": [],
    }  # fmt: skip


ENDPOINTS = (
    Endpoint("user/get", "GET", _get),
    Endpoint("user/list", "GET", _list, empty={"userlist": []}),
    Endpoint("user/simplelist", "GET", _simplelist, empty={"userlist": []}),
    Endpoint("user/list_id", "POST", _list_id, empty={"dept_user": []}, need="sync"),
    Endpoint("externalcontact/get_follow_user_list", "GET", _follow_staff, empty={"follow_user": []}),
)
