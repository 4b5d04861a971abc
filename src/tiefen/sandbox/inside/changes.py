"""What the page changes about the world itself: time, faults, companies, where callbacks go."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tiefen.sandbox.corps import PERMISSIONS
from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.inside import looks
from tiefen.sandbox.inside.asked import Asked, BadRequest, Unknown

_YEAR = 366 * 86_400
_STAGES = ("http_5xx", "dropped", "busy", "storm")


def set_clock(asked: Asked) -> dict[str, Any]:
    """`{"speed": 60}` (null: stand still), or `{"step": 3600}` seconds at once; stepping does what falls due on the way."""
    clock = asked.box.clock
    if "speed" in asked.given:
        speed = asked.given["speed"]
        clock.speed = None if speed is None else asked.number("speed", least=0.001, most=100_000)
    if asked.has("step"):
        clock.step(asked.number("step", most=_YEAR))
    return looks.clock(asked)


def set_faults(asked: Asked) -> dict[str, Any]:
    """Set some switches, for all endpoints or (`endpoint`) for one; `{"clear": true}`: all is well again."""
    box = asked.box
    if asked.flag("clear"):
        box.faults.clear()
        return looks.faults(asked)
    if asked.has("endpoint"):
        names = [name for name in (*_STAGES, "slow") if name in asked.given]
        box.faults.at(asked.text("endpoint", most=100), **{name: _share(asked, name) for name in names})
        return looks.faults(asked)
    changed: dict[str, Any] = {}
    for name in (*looks.SHARES, "slow"):
        if name in asked.given:
            changed[name] = _share(asked, name)
    for name in looks.SWITCHES:
        if name in asked.given:
            changed[name] = asked.flag(name)
    for name, value in changed.items():
        setattr(box.faults, name, value)
    if "limits" in asked.given:
        box.limits = asked.flag("limits")
    return looks.faults(asked)


def _share(asked: Asked, name: str) -> float:
    return asked.number(name, least=0, most=60 if name == "slow" else 1)


def set_settings(asked: Asked) -> dict[str, Any]:
    """Set some of the numbers nobody publishes."""
    before = asked.box.settings()
    unknown = set(asked.given) - set(before)
    if unknown:
        raise Unknown("setting", sorted(unknown)[0][:80])
    changed: dict[str, Any] = {}
    for name, value in asked.given.items():
        if isinstance(before[name], str):
            changed[name] = asked.one_of(name, ("month", "week", "day"))
        elif value is None and name in ("archive_days", "contacts_most"):
            changed[name] = None
        else:
            changed[name] = asked.number(name, most=10**9) if name == "lag" else asked.whole(name, most=10**9)
    asked.box.configure(**changed)
    return looks.faults(asked)


def add_corp(asked: Asked) -> dict[str, Any]:
    """One more company: `{"name": …, "staff": ["userid:name", …]}`."""
    keys = asked.box.add_corp(asked.text("name", most=100), staff=asked.texts("staff", most=200))
    return {"corpid": keys.corpid}


def set_callback(asked: Asked) -> dict[str, Any]:
    """What an administrator types into 接收消息: `url`, and `token` and `aes_key` where they are not the sandbox's own.

    The address is verified at once; where that fails, everything stays as it was.
    """
    corpid, box = asked.corpid, asked.box
    url = asked.text("url", "", most=500)
    if not url:
        box.set_callback(corpid, None)
        return {"ok": True, "why": ""}
    _check_url("url", url)
    token, aes_key = asked.text("token", "", most=32), asked.text("aes_key", "", most=43)
    before = box.keys(corpid)
    if token or aes_key:
        _check_keys(token, aes_key)
        _keep_keys(asked, token, aes_key)
    outcome = box.set_callback(corpid, url)
    if not outcome.ok and (token or aes_key):
        _keep_keys(asked, before.token, before.aes_key)
    return {"ok": outcome.ok, "why": outcome.why}


def _keep_keys(asked: Asked, token: str, aes_key: str) -> None:
    with asked.box.act():
        asked.box.corps_kept.change(asked.corpid, token=token, aes_key=aes_key)


def _check_keys(token: str, aes_key: str) -> None:
    if not (token.isascii() and token.isalnum() and len(token) <= 32):
        raise BadRequest("token", "is not 1 to 32 letters and digits")
    if not (aes_key.isascii() and aes_key.isalnum() and len(aes_key) == 43):
        raise BadRequest("aes_key", "is not 43 letters and digits")


def _check_url(name: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(mark.isspace() for mark in url):
        raise BadRequest(name, "is no address that begins with http:// or https://")


def set_shop(asked: Asked) -> dict[str, Any]:
    """Where the brand's shop posts what is bought: `{"url": …, "write_key": …}`."""
    url = asked.text("url", "", most=500)
    if url:
        _check_url("url", url)
    asked.box.set_shop(asked.corpid, url or None, asked.text("write_key", "", most=200))
    return {"url": url or None}


def set_app(asked: Asked) -> dict[str, Any]:
    """What an administrator decides about an app: `trusted_ips` (null: any), `disabled`, `permissions`."""
    box, corpid = asked.box, asked.corpid
    agentid = asked.whole("agentid", most=2**40)
    before, phones = box.corps_kept.app(corpid, agentid), box.phones(corpid)
    wanted = set(asked.texts("permissions", most=20)) if "permissions" in asked.given else set(before.permissions)
    if unknown := wanted - {*PERMISSIONS, *before.permissions}:
        raise BadRequest("permissions", f"holds {sorted(unknown)[0][:40]}, which is none")
    with box.act():
        if "trusted_ips" in asked.given:
            ips = asked.given["trusted_ips"]
            phones.admin_set_trusted_ips(None if ips is None else asked.texts("trusted_ips", most=120), agentid=agentid)
        if "disabled" in asked.given:
            phones.admin_disable_app(asked.flag("disabled"), agentid=agentid)
        for permission in before.permissions - wanted:
            phones.admin_revoke(permission, agentid=agentid)
        for permission in wanted - before.permissions:
            phones.admin_grant(permission, agentid=agentid)
    return looks.corp(asked)


def resend(asked: Asked) -> dict[str, Any]:
    """Send a callback once more, as it was."""
    box, corpid = asked.box, asked.corpid
    number = Asked(box, {}, asked.path).whole("number")
    with box.act():
        row = box.store.one("SELECT xml FROM callbacks WHERE id = ? AND corpid = ?", number, corpid)
        if row is None:
            raise Unknown("callback", str(number))
        if box.corp(corpid).callback_url is None:
            raise NotPossible("this company has no callback address")
        box.store.run("UPDATE callbacks SET fate = 'queued' WHERE id = ?", (number,))
        box.outbox.put(corpid, "callback", row["xml"], rank=number, callback=number)
    return {"queued": True}
