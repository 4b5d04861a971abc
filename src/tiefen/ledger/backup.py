"""Everything in one file, and back again: rows as Parquet a table, the lake as it is, the uploads."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen import __version__
from tiefen.kit.clock import now_us
from tiefen.kit.errors import TiefenError
from tiefen.kit.settings import Settings
from tiefen.ledger import dialect
from tiefen.ledger.lake import Lake
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import fact_counts, imports, metadata
from tiefen.ledger.store import Transactions, open_store

FORMAT = 1
_FOLDERS = ("lake", "uploads", "models")
_SECRET = frozenset({"sessions", "login_links", "permits"})
"""Not taken along: they are of this server and this hour."""
_ROWS = 100_000


@dataclass(eq=False)
class NotEmpty(TiefenError):
    status = 409
    says = "There is something in {folder} already; a backup is restored into an empty place."

    folder: str


@dataclass(eq=False)
class BadBackup(TiefenError):
    says = "{file} is not a whole backup: {why}."

    file: str
    why: str


def backup(ledger: Ledger, path: Path) -> dict[str, Any]:
    """Write everything of one moment into `path` (.tar.gz), while others go on; returns {facts, bytes, seconds_us}.

    The file appears under its name only when it is whole and on disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lake = Lake(ledger.settings)
    partial = path.with_name(path.name + ".partial")
    began = now_us()
    try:
        with lake.locked(), ledger.read() as connection, partial.open("wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3, format=tarfile.PAX_FORMAT) as archive:
                digests = dict(_write(archive, connection, ledger.settings.data))
                facts = int(
                    connection.execute(sa.select(sa.func.coalesce(sa.func.sum(fact_counts.c.facts), 0))).scalar_one()
                )
                manifest = {
                    "format": FORMAT,
                    "version": __version__,
                    "made_us": began,
                    "facts": facts,
                    "data": str(ledger.settings.data.absolute()),
                    "files": digests,
                }
                _add(archive, "manifest.json", msgspec.json.encode(manifest))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return {"facts": facts, "bytes": path.stat().st_size, "microseconds": now_us() - began}


def _write(archive: tarfile.TarFile, connection: Connection, data: Path) -> Iterator[tuple[str, str]]:
    for table in metadata.sorted_tables:
        if table.name in _SECRET:
            continue
        with tempfile.NamedTemporaryFile(dir=data, prefix=".backup-", suffix=".parquet") as file:
            _rows_to_parquet(connection, table, Path(file.name))
            yield _add_file(archive, f"store/{table.name}.parquet", Path(file.name))
    for folder in _FOLDERS:
        for path in sorted((data / folder).rglob("*")) if (data / folder).is_dir() else ():
            if path.is_file() and path.name != ".lock":
                yield _add_file(archive, str(path.relative_to(data)), path)


def _rows_to_parquet(connection: Connection, table: sa.Table, path: Path) -> None:
    schema = pa.schema([(column.name, _arrow(column)) for column in table.c])
    with (
        pq.ParquetWriter(path, schema, compression="zstd") as writer,
        connection.execute(sa.select(table).execution_options(stream_results=True, yield_per=_ROWS)) as result,
    ):
        for rows in result.partitions(_ROWS):
            columns = list(zip(*rows, strict=True))
            arrays = [
                pa.array([_plain(value, field.type) for value in column], field.type)
                for column, field in zip(columns, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _plain(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    return bool(value) if pa.types.is_boolean(kind) else bytes(value) if pa.types.is_binary(kind) else value


def _arrow(column: sa.Column[Any]) -> pa.DataType:
    python = column.type.python_type
    return {int: pa.int64(), str: pa.string(), bool: pa.bool_(), bytes: pa.binary(), float: pa.float64()}[python]


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> tuple[str, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(cast("Any", file), "sha256").hexdigest()
    archive.add(path, arcname=name, recursive=False)
    return name, digest


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def restore(path: Path, settings: Settings) -> dict[str, Any]:
    """Bring a backup back into an empty data folder and an empty store, each file checked against its digest."""
    data = settings.data
    if data.exists() and any(data.iterdir()):
        raise NotEmpty(str(data))
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as scratch:
        home = Path(scratch)
        manifest = _unpack(path, home)
        engine = open_store(settings)
        try:
            with Transactions(engine).write() as connection:
                if connection.execute(sa.select(fact_counts.c.facts).limit(1)).first() is not None:
                    raise NotEmpty(engine.url.render_as_string())
                for table in metadata.sorted_tables:
                    file = home / "store" / f"{table.name}.parquet"
                    if file.exists():
                        _parquet_to_rows(connection, table, file)
                _find_uploads(connection, manifest.get("data", ""), data)
                for folder in _FOLDERS:
                    if (home / folder).is_dir():
                        (home / folder).rename(data / folder)
        finally:
            engine.dispose()
    return {"facts": manifest["facts"], "made_us": manifest["made_us"], "files": len(manifest["files"])}


def _take_out(archive: tarfile.TarFile, member: tarfile.TarInfo, home: Path) -> None:
    """One file, only ever into `home`. (Python 3.11.2 has no extraction filters.)"""
    if member.isdir():
        return
    target = (home / member.name).resolve()
    source = archive.extractfile(member) if member.isreg() else None
    if source is None or not target.is_relative_to(home.resolve()):
        raise tarfile.TarError(f"{member.name[:100]} has no place in a backup")
    target.parent.mkdir(parents=True, exist_ok=True)
    with source, target.open("wb") as kept:
        shutil.copyfileobj(source, kept)


def _unpack(path: Path, home: Path) -> dict[str, Any]:
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                _take_out(archive, member, home)
        manifest: dict[str, Any] = msgspec.json.decode((home / "manifest.json").read_bytes())
    except (tarfile.TarError, OSError, EOFError, msgspec.DecodeError) as error:
        raise BadBackup(path.name, str(error) or type(error).__name__) from error
    if manifest.get("format") != FORMAT:
        raise BadBackup(path.name, f"its format is {manifest.get('format')}, not {FORMAT}")
    for name, digest in manifest["files"].items():
        file = home / name
        if not file.is_file():
            raise BadBackup(path.name, f"{name} is missing")
        with file.open("rb") as content:
            if hashlib.file_digest(cast("Any", content), "sha256").hexdigest() != digest:
                raise BadBackup(path.name, f"{name} is damaged")
    return manifest


def _parquet_to_rows(connection: Connection, table: sa.Table, file: Path) -> None:
    connection.execute(sa.delete(table))
    kept = pq.ParquetFile(file)
    # A backup of an earlier version has no columns that came since.
    names = [column.name for column in table.c if column.name in kept.schema_arrow.names]
    for rows in kept.iter_batches(_ROWS):
        columns = [column.to_pylist() for column in rows.select(names).columns]
        dialect.insert_many(connection, f'"{table.name}"', names, list(zip(*columns, strict=True)))
    for column in table.c:
        if column.primary_key and column.autoincrement is True:
            dialect.go_on_counting(connection, table, column)


def _find_uploads(connection: Connection, before: str, data: Path) -> None:
    """Uploads have moved with the folder; files outside it stay where they were."""
    asked = sa.select(imports.c.import_id, imports.c.path).where(imports.c.uploaded.is_(True))
    for import_id, path in connection.execute(asked).all():
        if before and Path(path).is_relative_to(before):
            moved = data.absolute() / Path(path).relative_to(before)
            connection.execute(sa.update(imports).where(imports.c.import_id == import_id).values(path=str(moved)))
