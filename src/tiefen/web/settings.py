"""Settings: the company, keys of systems, tokens of machines, data, who did what."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from tiefen.insight.past import NotYet
from tiefen.kit.clock import day_of, from_us, now_us, zone
from tiefen.kit.ids import digest, new_secret
from tiefen.ledger.backup import backup
from tiefen.ledger.keys import add_write_key
from tiefen.ledger.schema import accounts, api_tokens, audit, corps, imports, write_keys
from tiefen.web.answers import answer
from tiefen.web.context import Asked, Owner, SignedIn
from tiefen.web.errors import NotFound, UnknownTimeZone
from tiefen.web.inputs import After, Limit, Name, ShortText, TextPath
from tiefen.web.paging import cursor_number, number_cursor, page_of

router = APIRouter(tags=["settings"])
_BACKUP = re.compile(r"tiefen-\d{8}-\d{6}\.tar\.gz")


class Company(BaseModel):
    name: Name
    time_zone: ShortText
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    language: Literal["zh", "en"] = "zh"


@router.get("/api/settings")
def settings(asked: SignedIn) -> Response:
    """The company's name, time zone, currency and language."""
    return answer(_told(asked))


def _told(asked: Asked) -> dict[str, Any]:
    corp = asked.ledger.corp(asked.corp_id)
    return {
        "name": corp.name, "time_zone": corp.time_zone, "currency": corp.currency, "demo": corp.demo,
        "language": corp.settings.get("language", asked.who.language),
    }  # fmt: skip


@router.put("/api/settings")
def change(asked: Owner, given: Company) -> Response:
    """Change them. Another time zone moves the days: everything is read anew."""
    try:
        zone(given.time_zone)
    except (KeyError, ValueError, OSError):
        raise UnknownTimeZone(given.time_zone[:60]) from None
    with asked.ledger.write() as connection:
        connection.execute(
            sa.update(corps)
            .where(corps.c.corp_id == asked.corp_id)
            .values(name=given.name.strip(), time_zone=given.time_zone, currency=given.currency)
        )
        if asked.who.account_id is not None:
            connection.execute(
                sa.update(accounts).where(accounts.c.account_id == asked.who.account_id).values(language=given.language)
            )
    asked.ledger.update_settings(asked.corp_id, {"language": given.language})
    asked.audit("changed settings", f"{given.time_zone} {given.currency}")
    asked.house.worker.request_reading(asked.corp_id)
    return answer(_told(asked))


# ---- keys and tokens --------------------------------------------------------------------------------


class NewKey(BaseModel):
    name: Name
    strict: bool = False


@router.get("/api/write-keys")
def list_write_keys(asked: Owner) -> Response:
    """The keys with which systems send events."""
    some = sa.select(write_keys).where(write_keys.c.corp_id == asked.corp_id).order_by(write_keys.c.created_us)
    with asked.ledger.read() as connection:
        rows = connection.execute(some).all()
    return answer({"items": [_key(row) for row in rows]})


def _key(row: Any) -> dict[str, Any]:
    return {
        "write_key": row.write_key, "name": row.name, "strict": bool(row.strict), "created_at": from_us(row.created_us),
        "revoked": row.revoked_us is not None,
        "last_used_at": None if row.last_used_us is None else from_us(row.last_used_us),
    }  # fmt: skip


@router.post("/api/write-keys")
def new_write_key(asked: Owner, given: NewKey) -> Response:
    """A key for one more system."""
    key = add_write_key(asked.ledger, asked.corp_id, given.name.strip(), strict=given.strict)
    asked.audit("made a write key", given.name)
    return answer({"write_key": key, "name": given.name})


@router.delete("/api/write-keys/{key}")
def revoke_write_key(asked: Owner, key: TextPath) -> Response:
    """Accept nothing with this key from now on."""
    with asked.ledger.write() as connection:
        done = connection.execute(
            sa.update(write_keys)
            .where(
                write_keys.c.write_key == key, write_keys.c.corp_id == asked.corp_id, write_keys.c.revoked_us.is_(None)
            )
            .values(revoked_us=now_us())
        ).rowcount
    if not done:
        raise NotFound("write key", key[:8])
    asked.audit("revoked a write key", key[:6])
    return answer({"revoked": True})


class NewToken(BaseModel):
    name: Name


@router.get("/api/tokens")
def list_tokens(asked: Owner) -> Response:
    """The tokens with which machines use this API."""
    some = sa.select(api_tokens).where(api_tokens.c.corp_id == asked.corp_id).order_by(api_tokens.c.created_us)
    with asked.ledger.read() as connection:
        rows = connection.execute(some).all()
    items = [
        {
            "token_id": row.digest[:16], "name": row.name, "created_at": from_us(row.created_us),
            "last_used_at": None if row.last_used_us is None else from_us(row.last_used_us),
            "revoked": row.revoked_us is not None,
        }
        for row in rows
    ]  # fmt: skip
    return answer({"items": items})


@router.post("/api/tokens")
def new_token(asked: Owner, given: NewToken) -> Response:
    """A token for a machine; shown this once."""
    secret = new_secret()
    with asked.ledger.write() as connection:
        connection.execute(
            sa.insert(api_tokens).values(
                digest=digest(secret), corp_id=asked.corp_id, name=given.name.strip(), created_us=now_us()
            )
        )
    asked.audit("made an API token", given.name)
    return answer({"token": secret, "name": given.name})


@router.delete("/api/tokens/{token_id}")
def revoke_token(asked: Owner, token_id: TextPath) -> Response:
    """End a token."""
    with asked.ledger.write() as connection:
        done = connection.execute(
            sa.update(api_tokens)
            .where(
                sa.func.substr(api_tokens.c.digest, 1, 16) == token_id, api_tokens.c.corp_id == asked.corp_id,
                api_tokens.c.revoked_us.is_(None),
            )
            .values(revoked_us=now_us())
        ).rowcount  # fmt: skip
    if not done:
        raise NotFound("token", token_id[:16])
    asked.audit("revoked an API token", token_id[:6])
    return answer({"revoked": True})


# ---- data -------------------------------------------------------------------------------------------


@router.post("/api/backup")
def make_backup(asked: Owner) -> Response:
    """Write everything into one file on the server; gives its name, to be downloaded."""
    name = f"tiefen-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"
    written = backup(asked.ledger, asked.house.settings.data / "backups" / name)
    asked.audit("made a backup", name)
    return answer({"file": name, **written})


@router.get("/api/backup/{name}")
def fetch_backup(asked: Owner, name: TextPath) -> Response:
    """A backup that was made before."""
    path = asked.house.settings.data / "backups" / name
    if not _BACKUP.fullmatch(name) or not path.is_file():
        raise NotFound("backup", name[:60])
    asked.audit("downloaded a backup", name)
    return FileResponse(path, media_type="application/gzip", filename=name)


@router.post("/api/reading", status_code=202)
def read_anew(asked: SignedIn) -> Response:
    """Read everything anew as soon as may be; with `day`, as of the end of that day by what is known now."""
    if asked.day is not None:
        today = day_of(now_us(), asked.ledger.corp(asked.corp_id).time_zone)
        if asked.day > today:
            raise NotYet(asked.day, today)
    asked.house.worker.request_reading(asked.corp_id, asked.day)
    return answer({"asked": True}, status=202)


@router.get("/api/work")
def work(asked: SignedIn) -> Response:
    """What goes on behind the server, and which reading of this company is the newest."""
    reading = asked.house.readings.current(asked.corp_id)
    own = sa.select(imports.c.import_id).where(
        imports.c.corp_id == asked.corp_id, imports.c.state.in_(["queued", "running"])
    )
    with asked.ledger.read() as connection:
        mine = {f"reading:{asked.corp_id}", *(f"import:{one}" for one in connection.scalars(own))}
    jobs = {name: job for name, job in asked.house.worker.status().items() if name in mine}
    day_read = asked.day is not None and asked.house.readings.as_of(asked.corp_id, asked.day) is not None
    return answer({"jobs": jobs, "reading": reading.reading_id if reading else None, "day_read": day_read})


@router.get("/api/audit")
def list_audit(asked: Owner, after: After = None, limit: Limit = 50) -> Response:
    """Who did what, newest first."""
    some = sa.select(audit).where(audit.c.corp_id == asked.corp_id)
    before = cursor_number(after, "audit")
    if before is not None:
        some = some.where(audit.c.audit_id < before)
    with asked.ledger.read() as connection:
        rows = connection.execute(some.order_by(audit.c.audit_id.desc()).limit(limit + 1)).all()
    shown, last = page_of(rows, limit)
    items = [{"at": from_us(row.at_us), "who": row.who, "did": row.did, "what": row.what} for row in shown]
    return answer({"items": items, "next": None if last is None else number_cursor(last.audit_id, "audit")})
