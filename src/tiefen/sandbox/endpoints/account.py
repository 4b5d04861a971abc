"""Tokens and addresses (https://developer.work.weixin.qq.com/document/path/91039, 92520, 92521)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox
    from tiefen.sandbox.corps import App

LIVES = 7_200


def gettoken(box: Sandbox, corpid: str, secret: str, now: float) -> dict[str, Any]:
    """The token of an app: the one it has while that is good, or a new one."""
    if not corpid:
        raise Refused(41002)
    if not secret:
        raise Refused(41004)
    if box.store.one("SELECT 1 FROM corps WHERE corpid = ?", corpid) is None:
        raise Refused(40013)
    row = box.store.one("SELECT agentid FROM apps WHERE corpid = ? AND secret = ?", corpid, secret)
    if row is None:
        raise Refused(40001)
    app = box.corps_kept.app(corpid, row["agentid"])
    if app.disabled:
        raise Refused(50003)
    token, expires = _token_of(box, app, now)
    return {"access_token": token, "expires_in": int(expires - now)}


def _token_of(box: Sandbox, app: App, now: float) -> tuple[str, float]:
    held = box.store.one(
        "SELECT token, expires FROM tokens WHERE corpid = ? AND agentid = ? AND expires > ? AND NOT revoked"
        " ORDER BY expires DESC LIMIT 1",
        app.corpid, app.agentid, now + 1,
    )  # fmt: skip
    if held is not None and not box.faults.token_rotates:
        return held["token"], held["expires"]
    revoke(box, app.corpid, app.agentid)
    token = box.seeds.text("token", app.corpid, app.agentid, box.store.number("token"), length=64)
    box.store.run(
        "INSERT INTO tokens (token, corpid, agentid, issued, expires) VALUES (?, ?, ?, ?, ?)",
        (token, app.corpid, app.agentid, now, now + LIVES),
    )
    box.store.run("DELETE FROM tokens WHERE expires < ?", (now - 86_400,))
    return token, now + LIVES


def revoke(box: Sandbox, corpid: str, agentid: int) -> None:
    """End an app's tokens before their time, as WeCom may."""
    box.store.run("UPDATE tokens SET revoked = 1 WHERE corpid = ? AND agentid = ?", (corpid, agentid))


def _gettoken(call: Call) -> dict[str, Any]:
    return gettoken(call.box, call.text("corpid"), call.text("corpsecret"), call.now)


def _addresses(call: Call) -> dict[str, Any]:
    return {"ip_list": ["127.0.0.1"]}


ENDPOINTS = (
    Endpoint("gettoken", "GET", _gettoken, need="", token=False),
    Endpoint("getcallbackip", "GET", _addresses, empty={"ip_list": []}),
    Endpoint("get_api_domain_ip", "GET", _addresses, empty={"ip_list": []}),
)
