"""Imports: upload, look, map, start, watch, repair."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import msgspec
import sqlalchemy as sa
from fastapi import APIRouter, Form, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from tiefen.intake.files import importer
from tiefen.kit.clock import from_us
from tiefen.kit.errors import TiefenError
from tiefen.kit.ids import new_id
from tiefen.kit.text import clean
from tiefen.ledger.schema import imports, rejects
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.csv import CSV_ANSWER, download
from tiefen.web.errors import BodyTooLarge, NoFile, NotFound
from tiefen.web.inputs import MOST_ID, After, IdPath, Limit, TextPath
from tiefen.web.paging import cursor_number, number_cursor, page_of

router = APIRouter(tags=["imports"])
MOST_BYTES = 4 << 30
_PIECE = 1 << 20


def _told(asked: Asked, row: Any) -> dict[str, Any]:
    job = asked.house.worker.status().get(f"import:{row.import_id}")
    done = row.bytes_done / row.bytes_total if row.bytes_total else 0.0
    mapping = msgspec.json.decode(row.mapping)
    return {
        "import_id": row.import_id, "file_name": row.file_name, "format": row.format, "state": row.state,
        "bytes_total": row.bytes_total, "bytes_done": row.bytes_done, "rows_done": row.rows_done,
        "accepted": row.accepted, "duplicates": row.duplicates, "rejected": row.rejected,
        "created_at": from_us(row.created_us), "error": row.error,
        "finished_at": None if row.finished_us is None else from_us(row.finished_us),
        "progress": job["fraction"] if job else 1.0 if row.state == "finished" else min(done, 1.0),
        "mapping": {"columns": mapping["columns"], "options": mapping["options"]},
    }  # fmt: skip


def _row(asked: Asked, import_id: str) -> Any:
    with asked.ledger.read() as connection:
        row = connection.execute(
            sa.select(imports).where(imports.c.import_id == import_id, imports.c.corp_id == asked.corp_id)
        ).first()
    if row is None:
        raise NotFound("import", import_id[:40])
    return row


@router.get("/api/imports")
def list_imports(asked: SignedIn) -> Response:
    """The last 100 imports, newest first."""
    asked_for = (
        sa.select(imports).where(imports.c.corp_id == asked.corp_id).order_by(imports.c.created_us.desc()).limit(100)
    )
    with asked.ledger.read() as connection:
        rows = connection.execute(asked_for).all()
    return answer({"items": [_told(asked, row) for row in rows]})


@router.post("/api/imports")
def upload(
    asked: SignedIn, file: UploadFile, format: Annotated[str | None, Form(max_length=40)] = None
) -> Response:  # fmt: skip
    """Take a file, keep it as it came, and say what it seems to be. Nothing is imported yet."""
    if not file.filename:
        raise NoFile
    import_id, name = new_id(), clean(file.filename)
    path = importer.upload_path(asked.ledger, asked.corp_id, import_id, name)
    try:
        taken = 0
        with path.open("wb") as kept:
            while piece := file.file.read(_PIECE):
                taken += len(piece)
                if taken > MOST_BYTES:
                    raise BodyTooLarge(MOST_BYTES)
                kept.write(piece)
            kept.flush()
            os.fsync(kept.fileno())
        importer.create(
            asked.ledger, asked.corp_id, path, format or None, uploaded=True, import_id=import_id, name=name
        )
        preview = importer.preview(asked.ledger, import_id)
    except TiefenError:
        importer.remove_upload({"uploaded": True, "path": str(path)})
        raise
    asked.audit("uploaded a file", import_id)
    return answer({"import_id": import_id, "preview": asdict(preview), **_told(asked, _row(asked, import_id))})


@router.get("/api/imports/{import_id}")
def one_import(asked: SignedIn, import_id: TextPath) -> Response:
    """How far an import is; with a preview while its columns are being mapped."""
    row = _row(asked, import_id)
    preview = None
    if row.state == "mapping":
        try:
            preview = asdict(importer.preview(asked.ledger, import_id))
        except (TiefenError, OSError):
            preview = None
    return answer({**_told(asked, row), "preview": preview})


class Mapping(BaseModel):
    format: str = Field(max_length=40)
    columns: dict[str, str | None] = Field(default_factory=dict, max_length=200)
    options: dict[str, str | int | bool | None] = Field(default_factory=dict, max_length=50)
    encoding: str | None = Field(None, max_length=40)
    delimiter: str | None = Field(None, max_length=4)


@router.put("/api/imports/{import_id}/mapping")
def remap(asked: SignedIn, import_id: TextPath, given: Mapping) -> Response:
    """Say which column is which; gives the preview that follows from it."""
    _row(asked, import_id)
    preview = importer.remap(asked.ledger, import_id, given.format, given.model_dump(exclude={"format"}))
    return answer({"preview": asdict(preview)})


@router.post("/api/imports/{import_id}/start")
def start(asked: SignedIn, import_id: TextPath) -> Response:
    """Import the file as it is mapped."""
    _row(asked, import_id)
    importer.queue(asked.ledger, import_id)
    asked.house.worker.start_import(import_id)
    asked.audit("started an import", import_id)
    return answer(_told(asked, _row(asked, import_id)))


@router.post("/api/imports/{import_id}/cancel")
def cancel(asked: SignedIn, import_id: TextPath) -> Response:
    """Stop an import; what is kept stays kept."""
    _row(asked, import_id)
    importer.cancel(asked.ledger, import_id)
    return answer(_told(asked, _row(asked, import_id)))


def _rejects(asked: Asked, origin: Any, after: int | None, limit: int) -> list[Any]:
    some = sa.select(rejects).where(rejects.c.corp_id == asked.corp_id, origin, rejects.c.state == "open")
    if after is not None:
        some = some.where(rejects.c.reject_id > after)
    with asked.ledger.read() as connection:
        return list(connection.execute(some.order_by(rejects.c.reject_id).limit(limit)).all())


def _reject(row: Any) -> dict[str, Any]:
    return {
        "reject_id": row.reject_id, "position": row.position, "raw": msgspec.json.decode(row.raw), "code": row.code,
        "reason": msgspec.json.decode(row.reason), "received_at": from_us(row.received_us), "origin": row.origin,
    }  # fmt: skip


@router.get("/api/imports/{import_id}/rejects")
def list_rejects(asked: SignedIn, import_id: TextPath, after: After = None, limit: Limit = 50) -> Response:
    """The rows that were refused and why, in the order of the file."""
    _row(asked, import_id)
    rows = _rejects(asked, rejects.c.origin == f"import:{import_id}", cursor_number(after, "reject"), limit + 1)
    shown, last = page_of(rows, limit)
    following = None if last is None else number_cursor(last.reject_id, "reject")
    return answer({"items": [_reject(row) for row in shown], "next": following})


@router.get("/api/imports/{import_id}/rejects.csv", responses=CSV_ANSWER)
def rejects_csv(asked: SignedIn, import_id: TextPath) -> Response:
    """All refused rows as they came, with why, to be mended and imported again."""
    _row(asked, import_id)
    origin = rejects.c.origin == f"import:{import_id}"
    first = _rejects(asked, origin, None, 1)
    columns = list(msgspec.json.decode(first[0].raw)) if first else []

    def rows() -> Iterator[list[Any]]:
        after: int | None = None
        while some := _rejects(asked, origin, after, 1_000):
            for row in some:
                raw = msgspec.json.decode(row.raw)
                reason = ", ".join(f"{key}={value}" for key, value in msgspec.json.decode(row.reason).items())
                yield [*(raw.get(column) for column in columns), row.position, row.code, reason]
            after = some[-1].reject_id

    return download("rejects.csv", [*columns, "_row", "_why", "_facts"], rows())


class Repaired(BaseModel):
    """The row as it should have been; null to read it again as it is."""

    raw: dict[str, str | int | float | bool | None] | None = Field(None, max_length=500)


@router.post("/api/imports/{import_id}/rejects/{reject_id}")
def repair(asked: SignedIn, import_id: TextPath, reject_id: IdPath, given: Repaired) -> Response:
    """Read a refused row again, mended."""
    _row(asked, import_id)
    if not [
        r
        for r in _rejects(asked, rejects.c.origin == f"import:{import_id}", reject_id - 1, 1)
        if r.reject_id == reject_id
    ]:
        raise NotFound("reject", str(reject_id))
    raw = (
        None
        if given.raw is None
        else {clean(key): clean(v) if isinstance(v, str) else v for key, v in given.raw.items()}
    )
    still = importer.repair(asked.ledger, asked.corp_id, reject_id, raw)
    asked.house.worker.request_reading(asked.corp_id)
    return answer({"kept": still is None, "reject": still})


@router.post("/api/imports/{import_id}/replay")
def replay(asked: SignedIn, import_id: TextPath) -> Response:
    """Read all refused rows again as the file is mapped now."""
    _row(asked, import_id)
    result = importer.replay(asked.ledger, import_id)
    asked.house.worker.request_reading(asked.corp_id)
    return answer(asdict(result))


@router.get("/api/rejected-events")
def rejected_events(asked: SignedIn, after: After = None, limit: Limit = 50) -> Response:
    """Events from systems that were refused, with why."""
    number = cursor_number(after, "event")
    if number is not None and abs(number) > MOST_ID:
        number = None
    rows = _rejects(asked, rejects.c.origin.startswith("key:"), number, limit + 1)
    shown, last = page_of(rows, limit)
    following = None if last is None else number_cursor(last.reject_id, "event")
    return answer({"items": [_reject(row) for row in shown], "next": following})
