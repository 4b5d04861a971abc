"""Acquisition links 获客助手 (https://developer.work.weixin.qq.com/document/path/97297, 97298, 97375, 100130).

The company's paid quota is one of its settings (`acquisition_balance`, an administrator's `admin_set_balance`); who comes
by a link and what is told of it is done by the phones.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused, china_day
from tiefen.sandbox.endpoints.content import record_of
from tiefen.sandbox.phones.ways import BALANCE
from tiefen.sandbox.state import dump, load

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

_URL = "https://work.weixin.qq.com/ca/"
_MOST = 10_000
"""Links of a company; WeCom publishes no number."""
_PEOPLE = 500
_DAY = 86_400.0
_KEY_LIVES = 1_800.0
_WARN_DAYS = (14, 7, 3, 2, 1)


def _create(call: Call) -> dict[str, Any]:
    _allowed(call)
    name, whom = call.text("link_name", most=30, missing=40058), _range(call)
    priority = _priority(call)
    if call.box.store.value("SELECT count(*) FROM links WHERE corpid = ? AND deleted IS NULL", call.corpid) >= _MOST:
        raise Refused(41095)
    link_id = call.new_id("link", "cawcde")
    call.box.store.run(
        "INSERT INTO links (link_id, corpid, agentid, name, url, range, priority, skip_verify, mark_source, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            link_id, call.corpid, call.app.agentid, name, _URL + link_id, dump(whom), _kept(priority),
            int(call.flag("skip_verify", True)), int(call.flag("mark_source", True)), call.now,
        ),
    )  # fmt: skip
    return {"link": {"link_id": link_id, "link_name": name, "url": _URL + link_id, "create_time": int(call.now)}}


def _update(call: Call) -> dict[str, Any]:
    _allowed(call)
    row = _link(call)
    call.box.store.run(
        "UPDATE links SET name = ?, range = ?, priority = ?, skip_verify = ?, mark_source = ? WHERE link_id = ?",
        (
            call.text("link_name", most=30) or row["name"],
            dump(_range(call)) if call.has("range") else row["range"],
            _kept(_priority(call)) if call.has("priority_option") else row["priority"],
            int(call.flag("skip_verify", bool(row["skip_verify"]))),
            int(call.flag("mark_source", bool(row["mark_source"]))),
            row["link_id"],
        ),
    )
    return {}


def _delete(call: Call) -> dict[str, Any]:
    _allowed(call)
    call.box.store.run("UPDATE links SET deleted = ? WHERE link_id = ?", (call.now, _link(call)["link_id"]))
    return {}


def _get(call: Call) -> dict[str, Any]:
    _allowed(call)
    row = _link(call)
    told = {
        "link": {
            "link_id": row["link_id"], "link_name": row["name"], "url": row["url"], "create_time": int(row["created"]),
            "skip_verify": bool(row["skip_verify"]), "mark_source": bool(row["mark_source"]),
        },
        "range": load(row["range"]),
    }  # fmt: skip
    return told if row["priority"] is None else {**told, "priority_option": load(row["priority"])}


def _list(call: Call) -> dict[str, Any]:
    _allowed(call)
    limit, after = call.number("limit", 100, least=1, most=100), call.cursor() or [0.0, ""]
    rows = call.box.store.all(
        "SELECT link_id, created FROM links WHERE corpid = ? AND agentid = ? AND deleted IS NULL"
        " AND (created, link_id) > (?, ?) ORDER BY created, link_id LIMIT ?",
        call.corpid, call.app.agentid, *after, limit + 1,
    )  # fmt: skip
    page = rows[:limit]
    more = call.next_cursor(page[-1]["created"], page[-1]["link_id"]) if len(rows) > limit else ""
    return {"link_id_list": [row["link_id"] for row in page], "next_cursor": more}


def _customers(call: Call) -> dict[str, Any]:
    _allowed(call)
    link, limit = _link(call, gone=True), call.number("limit", 500, least=1, most=1_000)
    after = call.cursor(link["link_id"]) or ["", ""]
    rows = call.box.store.all(
        "SELECT * FROM link_customers WHERE link_id = ? AND (userid, external_userid) > (?, ?)"
        " ORDER BY userid, external_userid LIMIT ?",
        link["link_id"], *after, limit + 1,
    )  # fmt: skip
    page = rows[:limit]
    more = ""
    if len(rows) > limit:
        more = call.next_cursor(page[-1]["userid"], page[-1]["external_userid"], filters=link["link_id"])
    told = [
        {name: row[name] for name in ("external_userid", "userid", "chat_status", "state")}
        for row in page
        if call.app.sees(row["userid"])
    ]
    return {"customer_list": told, "next_cursor": more}


def _quota(call: Call) -> dict[str, Any]:
    _allowed(call)
    settings = call.corp.settings
    balance = settings.get("acquisition_balance", BALANCE)
    ends = settings.get("acquisition_expires", int(china_day(call.now) + 365 * _DAY))
    return {
        "total": max(settings.get("acquisition_total", BALANCE), balance), "balance": balance,
        "quota_list": [{"expire_date": int(ends), "balance": balance}] if balance else [],
    }  # fmt: skip


def _statistic(call: Call) -> dict[str, Any]:
    """Both ends count, by days in China."""
    _allowed(call)
    link = _link(call, gone=True)
    start, end = china_day(call.number("start_time")), china_day(call.number("end_time")) + _DAY
    if end <= start or end - start > 31 * _DAY or start < china_day(call.now) - 180 * _DAY:
        raise Refused(40058, "`start_time` out of range.")
    counts = [
        call.box.store.value(
            f"SELECT count(DISTINCT external_userid) FROM {table} WHERE link_id = ? AND at >= ? AND at < ?",
            link["link_id"], start, end,
        )
        for table in ("link_clicks", "link_customers")
    ]  # fmt: skip
    return {"click_link_customer_cnt": counts[0], "new_customer_cnt": counts[1]}


def _chat_info(call: Call) -> dict[str, Any]:
    _allowed(call)
    row = call.box.store.one(
        "SELECT k.* FROM chat_keys k JOIN links l ON l.link_id = k.link_id WHERE k.chat_key = ? AND k.corpid = ?"
        " AND l.agentid = ?",
        call.text("chat_key", missing=40058), call.corpid, call.app.agentid,
    )  # fmt: skip
    if row is None or call.now >= row["at"] + _KEY_LIVES:
        raise Refused(40058, "invalid param 'chat_key'.")
    return {
        "userid": row["userid"], "external_userid": row["external_userid"],
        "chat_info": {"recv_msg_cnt": row["messages"], "link_id": row["link_id"], "state": row["state"]},
    }  # fmt: skip


def expire(box: Sandbox, corpid: str, at: float) -> None:
    """The quota there is ends at a time: the company is warned 14, 7, 3, 2 and 1 days before."""
    with box.act():
        box.corps_kept.configure(corpid, acquisition_expires=int(at))
        for days in _WARN_DAYS:
            if at - days * _DAY > box.clock.now():
                box.schedule(at - days * _DAY, "quota_expires_soon", [corpid, at])
        box.schedule(at, "quota_expires", [corpid, at])


def _warn(box: Sandbox, payload: list[Any]) -> None:
    corpid, at = payload
    settings = box.corps_kept.corp(corpid).settings
    balance = settings.get("acquisition_balance", BALANCE)
    if settings.get("acquisition_expires") == int(at) and balance > 0:
        box.callbacks.acquisition(corpid, "quota_expire_soon", ("ExpireTime", int(at)), ("ExpireQuotaNum", balance))


def _expired(box: Sandbox, payload: list[Any]) -> None:
    corpid, at = payload
    settings = box.corps_kept.corp(corpid).settings
    if settings.get("acquisition_expires") == int(at) and settings.get("acquisition_balance", BALANCE) > 0:
        box.corps_kept.configure(corpid, acquisition_balance=0)
        box.callbacks.acquisition(corpid, "balance_exhausted")


def _allowed(call: Call) -> None:
    """`industry` among the company's settings: `unset`, or `banned` from winning customers by links."""
    call.needs("acquisition")
    match call.corp.settings.get("industry"):
        case "unset":
            raise Refused(41200)
        case "banned":
            raise Refused(41305)


def _link(call: Call, *, gone: bool = False) -> sqlite3.Row:
    """A link of the app's own; `gone`: or one that was."""
    row = call.box.store.one(
        "SELECT * FROM links WHERE link_id = ? AND corpid = ? AND agentid = ?",
        call.text("link_id", missing=40058), call.corpid, call.app.agentid,
    )  # fmt: skip
    if row is None or (row["deleted"] is not None and not gone):
        raise Refused(40058, "invalid param 'link_id'.")
    return row


def _range(call: Call) -> dict[str, list[Any]]:
    """Whom a link leads to: at least one, at most 500 with all in the departments."""
    given = call.within("range")
    users, departments = given.texts("user_list"), given.numbers("department_list")
    if not users and not departments:
        raise Refused(40058, "missing `range`.")
    for userid in users:
        call.staff(userid)
    below = call.box.corps_kept.departments_below(call.corpid, departments)
    if not set(departments) <= set(below):
        raise Refused(60123)
    among = call.box.store.value(
        "SELECT count(*) FROM users WHERE corpid = ? AND left_at IS NULL AND (department IN (SELECT value FROM json_each(?))"
        " OR userid IN (SELECT value FROM json_each(?)))",
        call.corpid, dump(below), dump(users),
    )  # fmt: skip
    if among > _PEOPLE or len(users) > _PEOPLE:
        raise Refused(40058, f"`range` exceed max size {_PEOPLE}.")
    return {"user_list": users, "department_list": departments}


def _priority(call: Call) -> dict[str, Any] | None:
    """Who comes first: 1 within the range, 2 those named."""
    if not call.has("priority_option"):
        return None
    given = call.within("priority_option")
    kind, named = given.number("priority_type", least=1, most=2), given.texts("priority_userid_list", most=1_000)
    if kind == 2 and not named:
        raise Refused(40058, "missing `priority_userid_list`.")
    return {"priority_type": kind, "priority_userid_list": named}


def _kept(priority: dict[str, Any] | None) -> str | None:
    return None if priority is None else dump(priority)


_PATH = "externalcontact/customer_acquisition"
ENDPOINTS = (
    Endpoint(f"{_PATH}/create_link", "POST", _create, empty={"link": {}}),
    Endpoint(f"{_PATH}/update_link", "POST", _update, record=record_of("link_id")),
    Endpoint(f"{_PATH}/delete_link", "POST", _delete, record=record_of("link_id")),
    Endpoint(f"{_PATH}/get", "POST", _get, empty={"link": {}}),
    Endpoint(f"{_PATH}/list_link", "POST", _list, empty={"link_id_list": []}),
    Endpoint(f"{_PATH}/customer", "POST", _customers, empty={"customer_list": []}),
    Endpoint(f"{_PATH}_quota", "GET", _quota, empty={"quota_list": []}),
    Endpoint(f"{_PATH}/statistic", "POST", _statistic),
    Endpoint(f"{_PATH}/get_chat_info", "POST", _chat_info, empty={"chat_info": {}}),
)
WORK = {"quota_expires_soon": _warn, "quota_expires": _expired}
