"""The welcome of a newcomer 新客户欢迎语 (https://developer.work.weixin.qq.com/document/path/92137)."""

from __future__ import annotations

import sqlite3
from typing import Any

from tiefen.sandbox.callbacks import WELCOME_LIVES
from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.endpoints.content import message
from tiefen.sandbox.presence import absent

_UNDER_WAY = 1.0
"""Seconds for which one app's welcome is being sent when another comes with the same code."""


def _send(call: Call) -> dict[str, Any]:
    code = call.text("welcome_code", missing=41049)
    call.needs("message")
    said = message(call)
    row = call.box.store.one("SELECT * FROM welcome_codes WHERE code = ? AND corpid = ?", code, call.corpid)
    if row is None or not call.app.sees(row["userid"]):
        raise Refused(41050)
    _may_be_sent(call, row)
    call.box.store.run(
        "UPDATE welcome_codes SET used = ?, used_by = ? WHERE code = ?", (call.now, call.app.agentid, code)
    )
    call.box.tell_delivered(call.corpid, "welcome", row["userid"], row["external_userid"], said)
    return {}


def _may_be_sent(call: Call, code: sqlite3.Row) -> None:
    if code["used"] is not None and code["used_by"] != call.app.agentid:
        raise Refused(41096 if call.now < code["used"] + _UNDER_WAY else 41051)
    if code["used"] is not None or call.now >= code["created"] + WELCOME_LIVES:
        raise Refused(41050)
    pair = call.box.store.one(
        "SELECT * FROM follows WHERE corpid = ? AND userid = ? AND external_userid = ?",
        call.corpid, code["userid"], code["external_userid"],
    )  # fmt: skip
    if pair is None or pair["left_by_staff"] is not None or pair["left_by_person"] is not None:
        raise Refused(41050)
    if pair["chatted"] is not None:
        raise Refused(41051)
    consent = call.box.store.value(
        "SELECT status FROM consents WHERE corpid = ? AND userid = ? AND external_userid = ?",
        call.corpid, code["userid"], code["external_userid"],
    )  # fmt: skip
    if consent == "Disagree":
        raise Refused(41053)
    if absent(call.staff(code["userid"]), call.now):
        raise Refused(41054)


ENDPOINTS = (Endpoint("externalcontact/send_welcome_msg", "POST", _send),)
