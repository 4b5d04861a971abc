"""Settings → WeCom: how a company is connected, whether each step of it works, and how it is doing.

A secret goes in and never comes out again; of the two secrets only the last four characters are told. The callback's token
and key are ours: they are shown to an owner, who types them into WeCom's console.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from tiefen.kit.clock import from_us, now_us
from tiefen.kit.ids import digest, new_id
from tiefen.ledger.corps import Corp
from tiefen.ledger.ledger import Ledger
from tiefen.web import wecom_checks
from tiefen.web.answers import answer
from tiefen.web.auth import note, switch_corp
from tiefen.web.context import Asked, Owner, SignedIn
from tiefen.web.errors import NotAllowed
from tiefen.web.inputs import Name, ShortText
from tiefen.web.wecom_checks import Found
from tiefen.web.wecom_health import ask_for_sync, callbacks, state_of, sync, usage
from tiefen.wecom.client import OFFICIAL
from tiefen.wecom.connections import (
    WINDOW_SECONDS,
    Connection,
    NotConnected,
    SecretsSealed,
    connect,
    connection,
    connections,
    disconnect,
    new_aes_key,
    new_token,
)

router = APIRouter(tags=["wecom"])
_DRAFT, _CHECKS, _KEYS = "wecom_draft", "wecom_checks", "wecom_keys_us"
"""Where a company's settings keep what was typed, what the checks found, and since when the callback's keys are as they are."""
Secret = Annotated[str, Field(max_length=200, pattern=r"^[\x21-\x7e]*$")]
Address = Annotated[str, Field(max_length=300, pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$")]


class Draft(BaseModel):
    """What has been typed so far: kept, so that a reload loses nothing. Never a secret."""

    corpid: ShortText = ""
    agentid: int = Field(0, ge=0, le=2**31)
    base_url: Address = ""
    public_url: Address = ""


class NewConnection(BaseModel):
    """An empty secret is the one that is kept already."""

    corpid: Annotated[str, Field(pattern=r"^\s*[A-Za-z0-9_-]{1,64}\s*$")]
    agentid: int = Field(ge=0, le=2**31)
    secret: Secret = ""
    base_url: Address = ""


class NewArchive(BaseModel):
    """An empty secret switches the archive off."""

    secret: Secret = ""
    url: Address = ""


class NewKeys(BaseModel):
    """A pair made by WeCom's form; both empty for a new pair of ours."""

    token: Annotated[str, Field(pattern=r"^([A-Za-z0-9]{1,32})?$")] = ""
    aes_key: Annotated[str, Field(pattern=r"^([A-Za-z0-9]{43})?$")] = ""


class NewCompany(BaseModel):
    name: Name


@router.get("/api/wecom")
def how_connected(asked: SignedIn, request: Request) -> Response:
    """How this company is connected, what the checks found last, and what was typed so far."""
    return answer(_told(asked, request))


def _told(asked: Asked, request: Request) -> dict[str, Any]:
    corp = asked.ledger.corp(asked.corp_id)
    draft = Draft.model_validate(corp.settings.get(_DRAFT) or {})
    of, sealed = _connection(asked.ledger, asked.corp_id)
    checks = _fresh_checks(corp, of) if of else None
    return {
        "connection": None if of is None else _shown(of),
        "sealed": sealed,
        "draft": draft.model_dump(),
        "official": OFFICIAL,
        "callback_url": f"{draft.public_url or _own_address(request)}/wecom/callback/{asked.corp_id}",
        "own_address": _own_address(request),
        "checks": checks["found"] if checks else None,
        "checked_at": from_us(checks["at_us"]) if checks else None,
        "owner": asked.who.role == "owner",
    }


def _shown(of: Connection) -> dict[str, Any]:
    return {
        "corpid": of.corpid, "agentid": of.agentid, "base_url": of.base_url, "secret_end": of.secret[-4:],
        "archive": bool(of.archive_secret), "archive_secret_end": of.archive_secret[-4:], "archive_url": of.archive_url,
        "created_at": from_us(of.created_us),
    }  # fmt: skip


def _connection(ledger: Ledger, corp_id: str) -> tuple[Connection | None, bool]:
    """The connection, and whether there is one whose secrets cannot be read."""
    try:
        return connection(ledger, corp_id), False
    except NotConnected:
        return None, False
    except SecretsSealed:
        return None, True


def _own_address(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _fresh_checks(corp: Corp, of: Connection) -> dict[str, Any] | None:
    """What the last check found, if it was of this very connection."""
    checks: dict[str, Any] = corp.settings.get(_CHECKS) or {}
    return checks if checks.get("of") == _mark(of) else None


def _mark(of: Connection) -> str:
    """What checks are about: with another secret or address they say nothing any more."""
    return digest("\n".join((of.base_url, of.corpid, str(of.agentid), of.secret, of.archive_secret, of.archive_url)))


@router.put("/api/wecom/draft")
def keep_draft(asked: Owner, given: Draft, request: Request) -> Response:
    """Keep what was typed."""
    asked.ledger.update_settings(asked.corp_id, {_DRAFT: given.model_dump()})
    return answer(_told(asked, request))


@router.put("/api/wecom/connection")
def set_connection(asked: Owner, given: NewConnection, request: Request) -> Response:
    """Connect this company, or connect it differently. Nothing is asked of WeCom yet."""
    before, _ = _connection(asked.ledger, asked.corp_id)
    made = connect(
        asked.ledger, asked.corp_id, corpid=given.corpid, agentid=given.agentid,
        secret=given.secret or (before.secret if before else ""), base_url=given.base_url or OFFICIAL,
        archive_secret=before.archive_secret if before else "", archive_url=before.archive_url if before else "",
        window_seconds=_window(given.base_url, before),
    )  # fmt: skip
    draft = Draft.model_validate(asked.ledger.corp(asked.corp_id).settings.get(_DRAFT) or {})
    kept = draft.model_copy(update={"corpid": made.corpid, "agentid": made.agentid, "base_url": given.base_url})
    changed: dict[str, Any] = {_DRAFT: kept.model_dump()}
    if before is None or before.corpid != made.corpid:
        changed[_KEYS] = now_us()
    asked.ledger.update_settings(asked.corp_id, changed)
    asked.audit("changed the WeCom connection" if before else "connected WeCom", f"{made.corpid} {made.agentid}")
    return answer(_told(asked, request))


def _window(base_url: str, before: Connection | None) -> int:
    """A sandbox on this machine may live at another time than we do."""
    if before is not None and before.base_url == (base_url or OFFICIAL).rstrip("/"):
        return before.window_seconds
    return 0 if urlsplit(base_url).hostname in {"127.0.0.1", "localhost", "::1"} else WINDOW_SECONDS


@router.put("/api/wecom/archive")
def set_archive(asked: Owner, given: NewArchive, request: Request) -> Response:
    """Switch the conversation archive on, or off."""
    of = connection(asked.ledger, asked.corp_id)
    _again(asked.ledger, of, archive_secret=given.secret, archive_url=given.url if given.secret else "")
    asked.audit("switched the WeCom archive", "on" if given.secret else "off")
    return answer(_told(asked, request))


@router.get("/api/wecom/callback-keys")
def callback_keys(asked: Owner) -> Response:
    """The callback's Token and EncodingAESKey, to be typed into WeCom's console."""
    of = connection(asked.ledger, asked.corp_id)
    asked.audit("saw the callback keys of WeCom")
    return answer({"token": of.token, "aes_key": of.aes_key})


@router.put("/api/wecom/callback-keys")
def set_callback_keys(asked: Owner, given: NewKeys) -> Response:
    """Take the pair that WeCom's form made, or make a new one. From then on the old pair opens nothing."""
    of = connection(asked.ledger, asked.corp_id)
    made = _again(asked.ledger, of, token=given.token or new_token(), aes_key=given.aes_key or new_aes_key())
    asked.ledger.update_settings(asked.corp_id, {_KEYS: now_us()})
    asked.audit("changed the callback keys of WeCom")
    return answer({"token": made.token, "aes_key": made.aes_key})


def _again(ledger: Ledger, of: Connection, **changed: str) -> Connection:
    """The same connection with something changed."""
    fields = {
        "corpid": of.corpid, "secret": of.secret, "base_url": of.base_url, "archive_secret": of.archive_secret,
        "archive_url": of.archive_url, "token": of.token, "aes_key": of.aes_key,
    }  # fmt: skip
    return connect(ledger, of.corp_id, agentid=of.agentid, window_seconds=of.window_seconds, **(fields | changed))


@router.post("/api/wecom/check")
def check(asked: Owner, request: Request) -> Response:
    """Try each step live; takes some seconds."""
    of = connection(asked.ledger, asked.corp_id)
    found = wecom_checks.check(of)
    kept = {"of": _mark(of), "at_us": now_us(), "found": [_check(one) for one in found]}
    asked.ledger.update_settings(asked.corp_id, {_CHECKS: kept})
    return answer(_told(asked, request))


def _check(one: Found) -> dict[str, Any]:
    return asdict(one) | {"facts": dict(one.facts)}


@router.get("/api/wecom/health")
def how_it_is(asked: SignedIn) -> Response:
    """Callbacks, quota, errors, the sync, and how much of WeCom is known."""
    of = connection(asked.ledger, asked.corp_id)
    corp = asked.ledger.corp(asked.corp_id)
    return answer({
        "callbacks": callbacks(asked.ledger, of.corp_id, int(corp.settings.get(_KEYS) or 0)),
        "usage": usage(of),
        "sync": sync(asked.ledger, of.corp_id),
        "archive": bool(of.archive_secret),
    })  # fmt: skip


@router.post("/api/wecom/sync", status_code=202)
def sync_now(asked: Owner) -> Response:
    """Have everything read anew from WeCom as soon as may be."""
    connection(asked.ledger, asked.corp_id)
    ask_for_sync(asked.ledger, asked.corp_id)
    asked.audit("asked for a WeCom sync")
    return answer({"asked": True}, status=202)


@router.delete("/api/wecom")
def cut(asked: Owner) -> Response:
    """Disconnect: secrets are forgotten, callbacks refused from now on; what was learned stays."""
    disconnect(asked.ledger, asked.corp_id)
    asked.ledger.update_settings(asked.corp_id, {_CHECKS: None})
    asked.audit("disconnected WeCom")
    return answer({"disconnected": True})


# ---- several companies ------------------------------------------------------------------------------


@router.get("/api/wecom/corps")
def companies(asked: SignedIn) -> Response:
    """Every company this account may see, whether it is connected, and how that is going."""
    by_corp = {of.corp_id: of for of in connections(asked.ledger)}
    seen = [corp for corp in asked.ledger.corps() if asked.who.session or corp.corp_id == asked.corp_id]
    items = [
        {"corp_id": corp.corp_id, "name": corp.name, "demo": corp.demo,
         **_company(asked.ledger, corp, by_corp.get(corp.corp_id))}
        for corp in seen
    ]  # fmt: skip
    return answer({"items": items})


def _company(ledger: Ledger, corp: Corp, of: Connection | None) -> dict[str, Any]:
    if of is None:
        return {"corpid": None, "state": "none", "contacts": None}
    checks, reading = _fresh_checks(corp, of), sync(ledger, of.corp_id)
    return {
        "corpid": of.corpid, "state": state_of(checks["found"] if checks else None, reading),
        "contacts": reading["known"].get("contacts"),
    }  # fmt: skip


@router.post("/api/corps", status_code=201)
def new_company(asked: Owner, given: NewCompany) -> Response:
    """A company more, with nothing in it yet; whoever made it looks at it from now on."""
    if not asked.who.session:
        raise NotAllowed("owner at the console")
    here = asked.ledger.corp(asked.corp_id)
    made = asked.ledger.ensure_corp(new_id(), name=given.name.strip())
    asked.ledger.update_settings(
        made.corp_id,
        {"language": here.settings.get("language", asked.who.language), "time_zone": here.time_zone,
         "currency": here.currency},
    )  # fmt: skip
    switch_corp(asked.ledger, asked.who, made.corp_id)
    note(asked.ledger, made.corp_id, asked.who.label, "made the company", "")
    return answer({"corp_id": made.corp_id}, status=201)
