"""Welcomes of groups 入群欢迎语素材 (https://developer.work.weixin.qq.com/document/path/92366)."""

from __future__ import annotations

import sqlite3
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.endpoints.content import record_of, text, thing
from tiefen.sandbox.state import dump, load

_PRIORITY = ("image", "link", "miniprogram", "file", "video")
"""Which of several given things counts."""
_MOST = 100


def _add(call: Call) -> dict[str, Any]:
    call.needs("group")
    content = _content(call)
    if call.box.store.value("SELECT count(*) FROM group_welcomes WHERE corpid = ?", call.corpid) >= _MOST:
        raise Refused(41055)
    template_id = call.new_id("group_welcome", "msg")
    call.box.store.run(
        "INSERT INTO group_welcomes (template_id, corpid, agentid, content, notify, created) VALUES (?, ?, ?, ?, ?, ?)",
        (template_id, call.corpid, call.app.agentid, dump(content), int(call.flag("notify", True)), call.now),
    )
    return {"template_id": template_id}


def _edit(call: Call) -> dict[str, Any]:
    row = _own(call)
    call.box.store.run(
        "UPDATE group_welcomes SET content = ? WHERE template_id = ?", (dump(_content(call)), row["template_id"])
    )
    return {}


def _get(call: Call) -> dict[str, Any]:
    content: dict[str, Any] = load(_template(call)["content"])
    return content


def _del(call: Call) -> dict[str, Any]:
    call.box.store.run("DELETE FROM group_welcomes WHERE template_id = ?", (_own(call)["template_id"],))
    return {}


def _content(call: Call) -> dict[str, Any]:
    kind = next((kind for kind in _PRIORITY if call.has(kind)), None)
    content = text(call, most_bytes=3_000) | ({} if kind is None else {kind: thing(call, kind)})
    if not content:
        raise Refused(40058, "missing `text`.")
    return content


def _template(call: Call) -> sqlite3.Row:
    call.needs("group")
    row = call.box.store.one(
        "SELECT * FROM group_welcomes WHERE template_id = ? AND corpid = ?",
        call.text("template_id", missing=40058), call.corpid,
    )  # fmt: skip
    if row is None:
        raise Refused(40058, "invalid param 'template_id'.")
    return row


def _own(call: Call) -> sqlite3.Row:
    row = _template(call)
    if row["agentid"] != call.app.agentid:
        raise Refused(41058)
    return row


_PATH = "externalcontact/group_welcome_template/"
ENDPOINTS = (
    Endpoint(f"{_PATH}add", "POST", _add),
    Endpoint(f"{_PATH}edit", "POST", _edit, record=record_of("template_id")),
    Endpoint(f"{_PATH}get", "POST", _get),
    Endpoint(f"{_PATH}del", "POST", _del, record=record_of("template_id")),
)
