"""Handover of customers, on the job and after leaving 在职/离职继承.

What began takes effect by itself after a day, unless the customer refuses.
https://developer.work.weixin.qq.com/document/path/92125, 94088, 92124, 94081, 94082
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from tiefen.sandbox import handing_over
from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.presence import YEAR, absent

_AT_ONCE = 100
_PAGE = 1_000


def _transfer(call: Call) -> dict[str, Any]:
    call.needs("transfer")
    giver = call.staff(call.text("handover_userid", missing=40003))
    call.text("transfer_success_msg", most=200)
    if absent(giver, call.now):
        raise Refused(41054)
    return _begin(call, "onjob", giver)


def _transfer_resigned(call: Call) -> dict[str, Any]:
    call.needs("transfer")
    giver = call.staff(call.text("handover_userid", missing=40003), left=True)
    if giver["left_at"] is None:
        raise Refused(40097)
    if giver["left_at"] < call.now - YEAR:
        raise Refused(60111)
    return _begin(call, "resigned", giver)


def _begin(call: Call, kind: str, giver: sqlite3.Row) -> dict[str, Any]:
    """Each customer by itself: 0 has begun."""
    taker = call.staff(call.text("takeover_userid", missing=40003))
    customers = call.texts("external_userid", most=_AT_ONCE, missing=41035)
    if not taker["follows"]:
        raise Refused(84074)
    if absent(taker, call.now):
        raise Refused(41054)
    words = call.text("transfer_success_msg")
    codes = {
        external: handing_over.begin(call.box, call.corpid, kind, giver["userid"], taker["userid"], external, words)
        for external in dict.fromkeys(customers)
    }
    return {"customer": [{"external_userid": external, "errcode": code} for external, code in codes.items()]}


def _result(call: Call) -> dict[str, Any]:
    return _results(call, "onjob")


def _result_resigned(call: Call) -> dict[str, Any]:
    return _results(call, "resigned")


def _results(call: Call, kind: str) -> dict[str, Any]:
    """The latest handover of each customer from one to the other."""
    call.needs("transfer")
    giver = call.staff(call.text("handover_userid", missing=40003), left=True)["userid"]
    taker = call.staff(call.text("takeover_userid", missing=40003), left=True)["userid"]
    filters = [kind, giver, taker]
    after = (call.cursor(filters) or [0])[0]
    rows = call.box.store.all(
        "SELECT * FROM transfers WHERE id IN (SELECT max(id) FROM transfers WHERE corpid = ? AND handover = ?"
        " AND takeover = ? AND kind = ? GROUP BY external_userid) AND id > ? ORDER BY id LIMIT ?",
        call.corpid, giver, taker, kind, after, _PAGE + 1,
    )  # fmt: skip
    page = rows[:_PAGE]
    told = [
        {
            "external_userid": row["external_userid"], "status": row["status"], "takeover_time": int(row["takeover_time"]),
        }
        for row in page
    ]  # fmt: skip
    return {
        "customer": told,
        "next_cursor": call.next_cursor(page[-1]["id"], filters=filters) if len(rows) > _PAGE else "",
    }


def _unassigned(call: Call) -> dict[str, Any]:
    call.needs("transfer")
    size = call.number("page_size", _PAGE, least=1, most=_PAGE)
    after = call.cursor() or [0.0, 0]
    rows = call.box.store.all(
        "SELECT f.id, f.userid, f.external_userid, f.owner_left FROM follows f WHERE f.corpid = ? AND f.owner_left > ?"
        " AND f.left_by_staff IS NULL AND NOT f.half AND (f.owner_left, f.id) > (?, ?) ORDER BY f.owner_left, f.id LIMIT ?",
        call.corpid, call.now - YEAR, *after, size + 1,
    )  # fmt: skip
    page = rows[:size]
    told = [
        {
            "handover_userid": row["userid"], "external_userid": row["external_userid"],
            "dimission_time": int(row["owner_left"]),
        }
        for row in page
        if call.app.sees(row["userid"])
    ]  # fmt: skip
    last = len(rows) <= size
    return {
        "info": told,
        "is_last": last,
        "next_cursor": "" if last else call.next_cursor(page[-1]["owner_left"], page[-1]["id"]),
    }


def _customers(body: Mapping[str, Any]) -> str | None:
    """Two calls at once for the same customers get in each other's way (45035)."""
    named = body.get("external_userid")
    return "|".join(sorted(map(str, named))) if isinstance(named, list) and named else None


_PATH = "externalcontact/"
ENDPOINTS = (
    Endpoint(f"{_PATH}transfer_customer", "POST", _transfer, empty={"customer": []}, record=_customers),
    Endpoint(f"{_PATH}transfer_result", "POST", _result, empty={"customer": []}),
    Endpoint(f"{_PATH}get_unassigned_list", "POST", _unassigned, empty={"info": []}),
    Endpoint(
        f"{_PATH}resigned/transfer_customer", "POST", _transfer_resigned, empty={"customer": []}, record=_customers
    ),
    Endpoint(f"{_PATH}resigned/transfer_result", "POST", _result_resigned, empty={"customer": []}),
)
WORK = {"handover": handing_over.finish}
