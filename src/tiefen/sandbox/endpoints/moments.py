"""Moments 客户朋友圈 (https://developer.work.weixin.qq.com/document/path/95094, 97612, 93333).

A job makes the task a few seconds later; staff post one by one with their phones.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from tiefen.sandbox import moment_jobs
from tiefen.sandbox.endpoints.base import Call, Endpoint, Limit, Refused
from tiefen.sandbox.endpoints.content import message, record_of
from tiefen.sandbox.endpoints.errcodes import errmsg
from tiefen.sandbox.limits import CHINA
from tiefen.sandbox.state import dump, load

_BEGUN, _UNDER_WAY, _MADE = 1, 2, moment_jobs.MADE
_MAKING = 5.0
"""Seconds a job takes."""
_JOB_LIVES = 86_400.0
_JOBS_AT_ONCE = 1_000
_MONTH_MOST = 100_000


def _add(call: Call) -> dict[str, Any]:
    call.needs("moment")
    if not call.corp.settings.get("moments", True):
        raise Refused(41211)
    content = _content(call)
    visible = _range(call)
    _check_quota(call)
    jobid = call.new_id("moment job", "job")
    call.box.store.run(
        "INSERT INTO moments (jobid, moment_id, corpid, agentid, creator, create_type, content, visible_range, status,"
        " created) VALUES (?, ?, ?, ?, NULL, 0, ?, ?, ?, ?)",
        (
            jobid, call.new_id("moment", "mom"), call.corpid, call.app.agentid, dump(content), dump(visible), _BEGUN,
            call.now,
        ),
    )  # fmt: skip
    call.box.schedule(call.now + _MAKING, "moment_made", jobid)
    return {"jobid": jobid}


def _content(call: Call) -> dict[str, Any]:
    """Nine images, or one video, or one link; each file from `media/upload_attachment`."""
    if len(call.within("text").text("content")) > 2_000:
        raise Refused(40058, "invalid text size.")
    found = message(call, purpose="moments", kinds=("image", "video", "link"), empty=41089)
    kinds = [item["msgtype"] for item in found.get("attachments", ())]
    if set(kinds) - {"image"} and len(kinds) > 1:
        raise Refused(41065, "invalid attachments size.")
    if any(
        "media_id" not in item[item["msgtype"]] for item in found.get("attachments", ()) if item["msgtype"] != "link"
    ):
        raise Refused(40007)
    return found


def _range(call: Call) -> dict[str, Any]:
    visible = call.within("visible_range")
    senders, contacts = visible.within("sender_list"), visible.within("external_contact_list")
    return {
        "users": senders.texts("user_list", most=100_000),
        "departments": senders.numbers("department_list"),
        "tags": contacts.texts("tag_list"),
    }


def _check_quota(call: Call) -> None:
    local = datetime.fromtimestamp(call.now, UTC).astimezone(CHINA)
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()
    made = call.box.store.one(
        "SELECT count(*) AS made, sum(status < 3) AS open FROM moments WHERE corpid = ? AND created >= ? AND create_type = 0",
        call.corpid, month,
    )  # fmt: skip
    assert made is not None
    if made["made"] >= _MONTH_MOST:
        raise Refused(41210)
    if (made["open"] or 0) >= _JOBS_AT_ONCE:
        raise Refused(41078)


def _job(call: Call) -> dict[str, Any]:
    call.needs("moment")
    row = call.box.store.one("SELECT * FROM moments WHERE jobid = ? AND corpid = ?", call.text("jobid"), call.corpid)
    if row is None or call.now >= row["created"] + _JOB_LIVES:
        raise Refused(41079)
    if row["status"] == _MADE:
        result = load(row["result"])
        return {"status": _MADE, "type": "add_moment_task", "result": {**result, "errmsg": errmsg(result["errcode"])}}
    status = _BEGUN if call.now < row["created"] + 1 else _UNDER_WAY
    return {"status": status, "type": "add_moment_task"}


def _cancel(call: Call) -> dict[str, Any]:
    row = _moment(call)
    call.box.store.run(
        "UPDATE moments SET cancelled = coalesce(cancelled, ?) WHERE moment_id = ?", (call.now, row["moment_id"])
    )
    return {}


def _list(call: Call) -> dict[str, Any]:
    call.needs("moment")
    start, end = call.number("start_time"), call.number("end_time")
    if end < start or end - start > 30 * 86_400:
        raise Refused(40058, "`end_time` out of range.")
    creator, kind = call.text("creator"), call.number("filter_type", 2, least=0, most=2)
    limit, filters = call.number("limit", 20, least=1, most=20), [start, end, creator, kind]
    after = call.cursor(filters) or [0.0, ""]
    rows = call.box.store.all(
        "SELECT * FROM moments WHERE corpid = ? AND created >= ? AND created < ? + 1 AND status = 3"
        " AND (create_type = 1 OR json_extract(result, '$.errcode') = 0)"
        " AND (? = 2 OR create_type = ?) AND (? = '' OR creator = ?) AND (created, moment_id) > (?, ?)"
        " ORDER BY created, moment_id LIMIT ?",
        call.corpid, start, end, kind, kind, creator, creator, *after, limit + 1,
    )  # fmt: skip
    page = rows[:limit]
    more = call.next_cursor(page[-1]["created"], page[-1]["moment_id"], filters=filters) if len(rows) > limit else ""
    return {"next_cursor": more, "moment_list": [_told(row) for row in page]}


def _told(row: sqlite3.Row) -> dict[str, Any]:
    content, chosen = load(row["content"]), load(row["visible_range"])
    told = {
        "moment_id": row["moment_id"], "create_time": int(row["created"]), "create_type": row["create_type"],
        "visible_type": 0 if chosen["tags"] else 1,
    }  # fmt: skip
    if row["creator"] is not None:
        told["creator"] = row["creator"]
    if "text" in content:
        told["text"] = content["text"]
    things = content.get("attachments", [])
    if images := [one["image"] for one in things if one["msgtype"] == "image"]:
        told["image"] = images
    for one in things:
        if one["msgtype"] != "image":
            told[one["msgtype"]] = one[one["msgtype"]]
    return told


def _task(call: Call) -> dict[str, Any]:
    row, limit = _moment(call), call.number("limit", 500, least=1, most=1_000)
    after = (call.cursor(row["moment_id"]) or [""])[0]
    rows = call.box.store.all(
        "SELECT * FROM moment_tasks WHERE moment_id = ? AND userid > ? ORDER BY userid LIMIT ?",
        row["moment_id"], after, limit + 1,
    )  # fmt: skip
    page = rows[:limit]
    more = call.next_cursor(page[-1]["userid"], filters=row["moment_id"]) if len(rows) > limit else ""
    return {
        "next_cursor": more,
        "task_list": [{"userid": one["userid"], "publish_status": one["status"]} for one in page],
    }


def _customers(call: Call) -> dict[str, Any]:
    """Whom a post is meant for."""
    found, more = _page(call, call.number("limit", 500, least=1, most=1_000), "")
    told = [{"userid": row["userid"], "external_userid": row["external_userid"]} for row in found]
    return {"next_cursor": more, "customer_list": told}


def _viewers(call: Call) -> dict[str, Any]:
    """In whose Moments it is."""
    found, more = _page(call, call.number("limit", 3_000, least=1, most=5_000), " AND sent IS NOT NULL")
    return {"next_cursor": more, "customer_list": [{"external_userid": row["external_userid"]} for row in found]}


def _page(call: Call, limit: int, more: str) -> tuple[list[sqlite3.Row], str]:
    moment_id, userid = _part(call)
    filters = [moment_id, userid.lower()]
    after = (call.cursor(filters) or [""])[0]
    rows = call.box.store.all(
        "SELECT * FROM moment_targets WHERE moment_id = ? AND userid = ? AND external_userid > ?"
        f"{more} ORDER BY external_userid LIMIT ?",
        moment_id, userid, after, limit + 1,
    )  # fmt: skip
    cursor = call.next_cursor(rows[limit - 1]["external_userid"], filters=filters) if len(rows) > limit else ""
    return rows[:limit], cursor


def _comments(call: Call) -> dict[str, Any]:
    moment_id, userid = _part(call)
    rows = call.box.store.all(
        "SELECT * FROM moment_reactions WHERE moment_id = ? AND userid = ? ORDER BY id", moment_id, userid
    )

    def told(kind: str) -> list[dict[str, Any]]:
        return [
            {"external_userid": row["external_userid"], "create_time": int(row["at"])}
            for row in rows
            if row["kind"] == kind
        ]

    return {"comment_list": told("comment"), "like_list": told("like")}


def _moment(call: Call) -> sqlite3.Row:
    call.needs("moment")
    row = call.box.store.one(
        "SELECT * FROM moments WHERE moment_id = ? AND corpid = ? AND status = 3",
        call.text("moment_id", missing=41061), call.corpid,
    )  # fmt: skip
    if row is None or (row["create_type"] == 0 and load(row["result"])["errcode"] != 0):
        raise Refused(41060)
    return row


def _part(call: Call) -> tuple[str, str]:
    """A moment and one of those who post it."""
    moment_id, userid = _moment(call)["moment_id"], call.text("userid", missing=41062)
    task = call.box.store.one("SELECT userid FROM moment_tasks WHERE moment_id = ? AND userid = ?", moment_id, userid)
    if task is None:
        raise Refused(41062)
    return moment_id, task["userid"]


_PATH = "externalcontact/"
ENDPOINTS = (
    Endpoint(f"{_PATH}add_moment_task", "POST", _add, limits=(Limit("corp", "minute", 10),)),
    Endpoint(f"{_PATH}get_moment_task_result", "GET", _job),
    Endpoint(f"{_PATH}cancel_moment_task", "POST", _cancel, record=record_of("moment_id")),
    Endpoint(f"{_PATH}get_moment_list", "POST", _list, empty={"moment_list": []}),
    Endpoint(f"{_PATH}get_moment_task", "POST", _task, empty={"task_list": []}),
    Endpoint(f"{_PATH}get_moment_customer_list", "POST", _customers, empty={"customer_list": []}),
    Endpoint(f"{_PATH}get_moment_send_result", "POST", _viewers, empty={"customer_list": []}),
    Endpoint(f"{_PATH}get_moment_comments", "POST", _comments, empty={"comment_list": [], "like_list": []}),
)
WORK = {"moment_made": moment_jobs.finish}
