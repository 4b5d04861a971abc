"""Imports: kept in pieces, each with how far it came in one transaction, so that a cut costs nothing.

Every row has a stable id, so the same file again changes nothing, and an import that was cut short goes on where it was.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from tiefen.intake.files.errors import FieldUnmapped, FileUnreadable, ImportNotFound, ImportState
from tiefen.intake.files.formats import FORMATS, Format, Kept, Memory, Reader, format_of
from tiefen.intake.files.preview import Plan, Preview, inspect, make_plan, open_as, preview_of
from tiefen.intake.files.readers import Opened, Rows, check_whole
from tiefen.kit.clock import now_us
from tiefen.kit.errors import TiefenError
from tiefen.kit.ids import new_id
from tiefen.kit.text import clean
from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch, ImportStep, Receipt, Reject
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import imports, mappings, rejects

_FLUSH_EVERY = 80_000
UNREAD = frozenset({"wrong_number_of_columns", "bad_encoding", "not_an_object"})
"""Rows whose cells are not what they were: read again as they are, they would be kept in the wrong places."""
_SAFE = re.compile(r"[^\w.\-一-鿿]+")


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of the rows of a file."""

    accepted: int
    duplicates: int
    rejected: int


def upload_path(ledger: Ledger, corp_id: str, import_id: str, name: str) -> Path:
    """Where an upload is kept: a name that leads nowhere else."""
    safe = _SAFE.sub("_", clean(name).replace("\\", "/").rsplit("/", 1)[-1]).strip("._")
    short = safe.encode(errors="ignore")[-200:].decode(errors="ignore")  # file systems count bytes
    folder = ledger.settings.data / "uploads" / corp_id / import_id
    folder.mkdir(parents=True, exist_ok=True)
    return folder / (short or "file")


def create(
    ledger: Ledger,
    corp_id: str,
    path: Path,
    format: str | None = None,
    mapping: Mapping[str, Any] | None = None,
    *,
    uploaded: bool = False,
    import_id: str | None = None,
    name: str | None = None,
) -> str:
    """Take a file up for import. Without a mapping, the one last confirmed for a file of this shape, else a guess."""
    import_id = import_id or new_id()
    check_whole(path)
    given = dict(mapping or {})
    given.setdefault("options", {}).setdefault("time_zone", ledger.corp(corp_id).time_zone)
    plan, opened, _, _ = make_plan(path, format, given)
    if mapping is None:
        plan = _remembered(ledger, corp_id, plan, opened) or plan
    row = {
        "import_id": import_id, "corp_id": corp_id, "file_name": clean(name or path.name)[:200], "path": str(path.absolute()),
        "uploaded": uploaded, "digest": _digest(path), "format": plan.format, "mapping": plan.as_json(),
        "state": "mapping", "bytes_total": path.stat().st_size, "bytes_done": 0, "rows_done": 0, "accepted": 0,
        "duplicates": 0, "rejected": 0, "created_us": now_us(),
    }  # fmt: skip
    with ledger.write() as connection:
        connection.execute(sa.insert(imports).values(row))
    return import_id


def preview(ledger: Ledger, import_id: str) -> Preview:
    """What an import would make of its file as it is mapped now."""
    row = _row(ledger, import_id)
    plan = Plan.from_json(row["mapping"])
    opened = open_as(Path(row["path"]), plan, format_of(plan.format))
    first = next(opened.rows(), Rows(1, {}, 0))
    return preview_of(plan, opened, first)


def remap(ledger: Ledger, import_id: str, format: str, mapping: Mapping[str, Any]) -> Preview:
    """Map the columns differently; only before the import began."""
    row = _row(ledger, import_id)
    if row["state"] != "mapping":
        raise ImportState(row["state"])
    plan, opened, first, _ = make_plan(Path(row["path"]), format, mapping)
    with ledger.write() as connection:
        connection.execute(
            sa.update(imports)
            .where(imports.c.import_id == import_id)
            .values(format=plan.format, mapping=plan.as_json())
        )
    return preview_of(plan, opened, first)


def queue(ledger: Ledger, import_id: str) -> None:
    """Say that an import is wanted as it is mapped; the mapping is remembered for files of the same shape."""
    row = _row(ledger, import_id)
    if row["state"] not in {"mapping", "failed", "cancelled"}:
        raise ImportState(row["state"])
    plan = Plan.from_json(row["mapping"])
    _mapped(plan)
    _remember(ledger, row["corp_id"], plan, open_as(Path(row["path"]), plan, format_of(plan.format)))
    _set(ledger, import_id, state="queued", error=None)


def cancel(ledger: Ledger, import_id: str) -> None:
    """Stop an import at its next piece; what is kept stays kept."""
    _row(ledger, import_id)
    with ledger.write() as connection:
        connection.execute(
            sa.update(imports)
            .where(imports.c.import_id == import_id, imports.c.state.in_(["mapping", "queued", "running"]))
            .values(state="cancelled")
        )


def unfinished(ledger: Ledger) -> list[str]:
    """Imports that are waiting, or were running when a process ended."""
    with ledger.read() as connection:
        asked = sa.select(imports.c.import_id).where(imports.c.state.in_(["queued", "running"]))
        return list(connection.scalars(asked.order_by(imports.c.created_us)))


def corp_of(ledger: Ledger, import_id: str) -> str:
    corp_id: str = _row(ledger, import_id)["corp_id"]
    return corp_id


def run(
    ledger: Ledger,
    import_id: str,
    *,
    progress: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> ImportResult:
    """Keep the rows of an import, from where it is. A failure of the file as a whole is noted and raised."""
    row = _row(ledger, import_id)
    if row["state"] in {"cancelled", "finished"}:
        return ImportResult(row["accepted"], row["duplicates"], row["rejected"])
    plan = Plan.from_json(row["mapping"])
    try:
        _mapped(plan)
        _set(ledger, import_id, state="running", error=None)
        finished = _run(ledger, row, plan, progress or (lambda _done, _total: None), stop)
    except TiefenError as error:
        _set(ledger, import_id, state="failed", error=str(error)[:500], finished_us=now_us())
        raise
    except Exception as error:
        _set(ledger, import_id, state="failed", error=f"{type(error).__name__}: {error}"[:500], finished_us=now_us())
        raise
    if finished:
        _set(ledger, import_id, state="finished", finished_us=now_us(), bytes_done=row["bytes_total"])
    after = _row(ledger, import_id)
    return ImportResult(after["accepted"], after["duplicates"], after["rejected"])


def _run(
    ledger: Ledger, row: Mapping[str, Any], plan: Plan, progress: Callable[[int, int], None], stop: Callable[[], bool]
) -> bool:
    """True when the file was gone through to its end."""
    path = Path(row["path"])
    if not path.is_file():
        raise FileUnreadable("it is no longer there")
    format, memory = format_of(plan.format), Memory()
    pending: Future[Receipt] | None = None
    flushed = last = done_bytes = 0
    for rows in open_as(path, plan, format).rows():
        kept = format.translate(Reader(rows, plan.columns), plan.options, memory)
        last, done_bytes = rows.first + len(rows) - 1, rows.bytes_done
        if last <= row["rows_done"]:
            continue  # kept before the cut; translated again only for what the format remembers
        # The next piece is translated while this one is being committed, and never more than one is on its way.
        if pending is not None:
            flushed += pending.result().accepted
        pending = ledger.submit(_batch(row, plan, rows, kept, last))
        progress(done_bytes, row["bytes_total"])
        if flushed >= _FLUSH_EVERY:
            ledger.flush()
            flushed = 0
        if stop() or _row(ledger, row["import_id"])["state"] == "cancelled":
            pending.result()
            return False
    if pending is not None:
        pending.result()
    if format.finish is not None:
        rest = format.finish(plan.options, memory)
        ledger.append(_batch(row, plan, Rows(last + 1, {}, done_bytes), rest, last))
    progress(row["bytes_total"], row["bytes_total"])
    return True


def _batch(row: Mapping[str, Any], plan: Plan, rows: Rows, kept: Kept, last: int) -> Batch:
    refused: dict[int, tuple[str, dict[str, Any]]] = {number: (code, {}) for number, code in rows.ragged.items()}
    refused |= kept.refused
    return Batch(
        row["corp_id"], f"import:{row['import_id']}", kept.facts, kept.words, list(kept.profiles.values()),
        list(kept.groups.values()), kept.links,
        [Reject(number, rows.row(number), code, reason) for number, (code, reason) in sorted(refused.items())],
        ImportStep(row["import_id"], last, rows.bytes_done) if row.get("import_id") else None,
    )  # fmt: skip


# ---- rejected rows --------------------------------------------------------------------------------


def repair(ledger: Ledger, corp_id: str, reject_id: int, raw: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """Read a rejected row again, mended or as it is. None when it is kept now; else the code and reason it has."""
    with ledger.read() as connection:
        found = connection.execute(
            sa.select(rejects).where(rejects.c.reject_id == reject_id, rejects.c.corp_id == corp_id)
        ).mappings().one_or_none()  # fmt: skip
    if found is None or not found["origin"].startswith("import:"):
        raise ImportNotFound(str(reject_id))
    row = _row(ledger, found["origin"].partition(":")[2])
    plan = Plan.from_json(row["mapping"])
    format, memory = format_of(plan.format), Memory()
    stored = msgspec.json.decode(found["raw"])
    values = dict(raw if raw is not None else stored)
    if found["code"] in UNREAD and values == stored:
        return {"code": found["code"], "reason": msgspec.json.decode(found["reason"])}
    names = {*plan.columns.values(), *values}
    rows = Rows(found["position"], {name: [values.get(name)] for name in names}, 0)
    kept = format.translate(Reader(rows, plan.columns), plan.options, memory)
    if format.finish is not None:
        rest = format.finish(plan.options, memory)
        kept.facts += rest.facts
    if kept.refused or not kept.facts:
        code, reason = next(iter(kept.refused.values()), ("nothing_understood", {}))
        _set_reject(ledger, reject_id, raw=_json(values), code=code, reason=_json(reason))
        return {"code": code, "reason": reason}
    kept.refused.clear()
    receipt = ledger.append(replace(_batch(row, plan, rows, kept, 0), step=None))
    with ledger.write() as connection:
        connection.execute(
            sa.update(rejects).where(rejects.c.reject_id == reject_id).values(state="replayed", raw=_json(values))
        )
        connection.execute(
            sa.update(imports)
            .where(imports.c.import_id == row["import_id"])
            .values(
                accepted=imports.c.accepted + receipt.accepted,
                duplicates=imports.c.duplicates + receipt.duplicates,
                rejected=imports.c.rejected - 1,
            )
        )
    return None


def replay(ledger: Ledger, import_id: str) -> ImportResult:
    """Read all rejected rows of an import again as it is mapped now."""
    row = _row(ledger, import_id)
    for reject_id in list(_open_rejects(ledger, row["corp_id"], import_id)):
        repair(ledger, row["corp_id"], reject_id)
    after = _row(ledger, import_id)
    return ImportResult(after["accepted"], after["duplicates"], after["rejected"])


def _open_rejects(ledger: Ledger, corp_id: str, import_id: str) -> Iterator[int]:
    asked = sa.select(rejects.c.reject_id).where(
        rejects.c.corp_id == corp_id, rejects.c.origin == f"import:{import_id}", rejects.c.state == "open"
    )
    with ledger.read() as connection:
        yield from connection.scalars(asked.order_by(rejects.c.position)).all()


def _set_reject(ledger: Ledger, reject_id: int, **values: Any) -> None:
    with ledger.write() as connection:
        connection.execute(sa.update(rejects).where(rejects.c.reject_id == reject_id).values(values))


def _json(value: Mapping[str, Any]) -> str:
    return clean(msgspec.json.encode(value, enc_hook=str).decode())


# ---- rows of imports and mappings -------------------------------------------------------------------


def _row(ledger: Ledger, import_id: str) -> dict[str, Any]:
    with ledger.read() as connection:
        found = connection.execute(sa.select(imports).where(imports.c.import_id == import_id)).mappings().one_or_none()
    if found is None:
        raise ImportNotFound(import_id[:40])
    return dict(found)


def _set(ledger: Ledger, import_id: str, **values: Any) -> None:
    with ledger.write() as connection:
        connection.execute(sa.update(imports).where(imports.c.import_id == import_id).values(values))


def _mapped(plan: Plan) -> None:
    missing = [key for key in format_of(plan.format).required if key not in plan.columns]
    if missing:
        raise FieldUnmapped(", ".join(missing))


def _shape(opened: Opened) -> str:
    return hashlib.blake2b("\x1f".join(opened.columns).encode(errors="replace"), digest_size=12).hexdigest()


def _remember(ledger: Ledger, corp_id: str, plan: Plan, opened: Opened) -> None:
    row = {
        "corp_id": corp_id,
        "format": plan.format,
        "shape": _shape(opened),
        "mapping": plan.as_json(),
        "saved_us": now_us(),
    }
    with ledger.write() as connection:
        upsert = dialect.insert(connection, mappings).values(row)
        connection.execute(
            upsert.on_conflict_do_update(
                index_elements=["corp_id", "format", "shape"],
                set_={"mapping": row["mapping"], "saved_us": row["saved_us"]},
            )
        )


def _remembered(ledger: Ledger, corp_id: str, plan: Plan, opened: Opened) -> Plan | None:
    asked = sa.select(mappings.c.mapping).where(
        mappings.c.corp_id == corp_id, mappings.c.format == plan.format, mappings.c.shape == _shape(opened)
    )
    with ledger.read() as connection:
        kept = connection.execute(asked).scalar()
    return replace(Plan.from_json(kept), encoding=plan.encoding, delimiter=plan.delimiter) if kept else None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_upload(row: Mapping[str, Any]) -> None:
    """Delete the file of an upload, and the folder that was made for it."""
    if row["uploaded"]:
        shutil.rmtree(Path(row["path"]).parent, ignore_errors=True)


__all__ = [
    "FORMATS",
    "Format",
    "ImportResult",
    "cancel",
    "corp_of",
    "create",
    "inspect",
    "preview",
    "queue",
    "remap",
    "repair",
    "replay",
    "run",
    "unfinished",
    "upload_path",
]
