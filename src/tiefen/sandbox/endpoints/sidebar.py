"""Tickets of the chat sidebar (https://developer.work.weixin.qq.com/document/path/90506)."""

from __future__ import annotations

from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Limit, Refused

_LIVES = 7_200.0


def _corp_ticket(call: Call) -> dict[str, Any]:
    return _ticket(call, 0)


def _app_ticket(call: Call) -> dict[str, Any]:
    if call.text("type") != "agent_config":
        raise Refused(40058, "invalid param 'type'.")
    return _ticket(call, call.app.agentid)


def _ticket(call: Call, agentid: int) -> dict[str, Any]:
    """The ticket there is while it is good, or a new one."""
    store = call.box.store
    held = store.one(
        "SELECT * FROM tickets WHERE corpid = ? AND agentid = ? AND expires > ?", call.corpid, agentid, call.now + 1
    )
    if held is not None:
        return {"ticket": held["ticket"], "expires_in": int(held["expires"] - call.now)}
    ticket = call.new_id("ticket", "", 80)
    store.run("DELETE FROM tickets WHERE corpid = ? AND agentid = ?", (call.corpid, agentid))
    store.run(
        "INSERT INTO tickets (ticket, corpid, agentid, issued, expires) VALUES (?, ?, ?, ?, ?)",
        (ticket, call.corpid, agentid, call.now, call.now + _LIVES),
    )
    return {"ticket": ticket, "expires_in": int(_LIVES)}


ENDPOINTS = (
    Endpoint("get_jsapi_ticket", "GET", _corp_ticket, limits=(Limit("corp", "hour", 400),)),
    Endpoint("ticket/get", "GET", _app_ticket, limits=(Limit("app", "hour", 100),)),
)
