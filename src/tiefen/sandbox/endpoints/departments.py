"""Departments (https://developer.work.weixin.qq.com/document/path/90208, 95350, 95351)."""

from __future__ import annotations

import sqlite3
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused


def department(call: Call, id: int) -> sqlite3.Row:
    """A department the app may see: 60123 for none, 60011 beyond its range."""
    row = call.box.store.one("SELECT * FROM departments WHERE corpid = ? AND id = ?", call.corpid, id)
    if row is None:
        raise Refused(60123)
    if call.app.departments is not None and id not in call.app.departments:
        raise Refused(60011)
    return row


def _list(call: Call) -> dict[str, Any]:
    return {"department": [_whole(row) for row in _below(call)]}


def _simplelist(call: Call) -> dict[str, Any]:
    places = [{"id": row["id"], "parentid": row["parentid"], "order": row["ord"]} for row in _below(call)]
    return {"department_id": places}


def _get(call: Call) -> dict[str, Any]:
    return {"department": _whole(department(call, call.number("id")))}


def _below(call: Call) -> list[sqlite3.Row]:
    """The department asked for and all below it, or all within range; 0 is as good as none."""
    root = call.number("id", 0)
    if root:
        department(call, root)
    within = call.box.corps_kept.departments_below(call.corpid, [root or 1])
    rows = call.box.store.all("SELECT * FROM departments WHERE corpid = ? ORDER BY id", call.corpid)
    seen = call.app.departments
    return [row for row in rows if row["id"] in set(within) and (seen is None or row["id"] in seen)]


def _whole(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"], "name": row["name"], "name_en": "", "department_leader": [], "parentid": row["parentid"],
        "order": row["ord"],
    }  # fmt: skip


ENDPOINTS = (
    Endpoint("department/list", "GET", _list, empty={"department": []}),
    Endpoint("department/simplelist", "GET", _simplelist, empty={"department_id": []}),
    Endpoint("department/get", "GET", _get, empty={"department": {}}),
)
