"""The HTTP part of the conversation archive 会话内容存档 (https://developer.work.weixin.qq.com/document/path/91614, 91782)."""

from __future__ import annotations

from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Limit, Refused
from tiefen.sandbox.endpoints.content import of


def _staff(call: Call) -> dict[str, Any]:
    """Whose conversations are kept; all have the one edition (3, enterprise) there is."""
    _open(call)
    if call.number("type", 3, least=1, most=3) != 3:
        return {"ids": []}
    return {
        "ids": call.box.store.column(
            "SELECT userid FROM users WHERE corpid = ? AND archived AND left_at IS NULL ORDER BY hired, userid",
            call.corpid,
        )
    }


def _single(call: Call) -> dict[str, Any]:
    _open(call)
    pairs = call.objects("info", most=100)
    if not pairs:
        raise Refused(40058, "missing `info`.")
    return {"agreeinfo": [_pair(of(call, pair)) for pair in pairs]}


def _pair(call: Call) -> dict[str, Any]:
    userid, external = call.text("userid", missing=40003), call.text("exteranalopenid", missing=41035)
    call.staff(userid, left=True)
    call.external(external)
    row = call.box.store.one(
        "SELECT status, at FROM consents WHERE corpid = ? AND userid = ? AND external_userid = ?",
        call.corpid, userid, external,
    )  # fmt: skip
    status, at = ("Default_Agree", 0) if row is None else (row["status"], int(row["at"]))
    return {"userid": userid, "exteranalopenid": external, "agree_status": status, "status_change_time": at}


def _group(call: Call) -> dict[str, Any]:
    """Everybody from outside who is in a group; what they told anybody last counts."""
    _open(call)
    chat_id = call.text("roomid", missing=40050)
    if call.box.store.one("SELECT 1 FROM groups WHERE chat_id = ? AND corpid = ?", chat_id, call.corpid) is None:
        raise Refused(86001)
    rows = call.box.store.all(
        "SELECT s.member_id, c.status, max(c.at) AS at FROM stays s LEFT JOIN consents c ON c.corpid = s.corpid"
        " AND c.external_userid = s.member_id WHERE s.chat_id = ? AND s.type = 2 AND s.left_at IS NULL"
        " GROUP BY s.member_id ORDER BY s.member_id",
        chat_id,
    )  # fmt: skip
    return {
        "agreeinfo": [
            {
                "exteranalopenid": row["member_id"], "agree_status": row["status"] or "Default_Agree",
                "status_change_time": int(row["at"] or 0),
            }
            for row in rows
        ]
    }  # fmt: skip


def _open(call: Call) -> None:
    """`archive` among the company's settings: `off` (never bought) or `over`."""
    match call.corp.settings.get("archive", "on"):
        case "off":
            raise Refused(301052)
        case "over":
            raise Refused(301053)


ENDPOINTS = (
    Endpoint("msgaudit/get_permit_user_list", "POST", _staff, empty={"ids": []}),
    Endpoint(
        "msgaudit/check_single_agree",
        "POST",
        _single,
        empty={"agreeinfo": []},
        limits=(Limit("corp", "minute", 2_500),),
    ),
    Endpoint(
        "msgaudit/check_room_agree", "POST", _group, empty={"agreeinfo": []}, limits=(Limit("corp", "minute", 1_500),)
    ),
)
