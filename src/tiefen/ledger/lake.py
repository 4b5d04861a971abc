"""The lake: all facts as columns, one Delta table a kind, partitioned by month, files sorted by (group, time).

Why a table a kind and months rather than days: docs/decisions/0001-store-and-lake.md.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake

from tiefen.kit.settings import Settings
from tiefen.ledger import kept
from tiefen.ledger.facts import BY_KIND, KINDS, Column, columns

WORDS = "words"
APP = "tiefen"
_INSTANT = pa.timestamp("us", tz="UTC")
_COMMON: list[tuple[str, pa.DataType]] = [
    ("seq", pa.int64()),
    ("corp_id", pa.string()),
    ("happened_at", _INSTANT),
    ("source_id", pa.string()),
    ("origin", pa.string()),
]
_STATS = "seq,group,member,person,happened_at"


def table_name(kind: str) -> str:
    """`message.posted` → `message_posted`."""
    return kind.replace(".", "_")


KIND_OF: dict[str, str] = {table_name(kind.kind): kind.kind for kind in KINDS}
TABLES: tuple[str, ...] = (*KIND_OF, WORDS)


@cache
def body_columns(name: str) -> tuple[Column, ...]:
    """The columns of a table beyond the common ones."""
    return tuple(columns(BY_KIND[KIND_OF[name]]))


@cache
def schema_of(name: str) -> pa.Schema:
    """The columns of a table of the lake."""
    if name == WORDS:
        return pa.schema(
            [
                ("seq", pa.int64()), ("corp_id", pa.string()), ("group", pa.int64()), ("member", pa.int64()),
                ("happened_at", _INSTANT), ("text", pa.string()), ("month", pa.string()),
            ]
        )  # fmt: skip
    return pa.schema([*_COMMON, *((c.name, c.arrow) for c in body_columns(name)), ("month", pa.string())])


def facts_to_arrow(kind: str, rows: Sequence[Any]) -> pa.Table:
    """Rows (seq, corp_id, kind, happened_us, source_id, origin, body) of one kind as columns, in the same order."""
    name = table_name(kind)
    decode = kept.decoder(kind)
    bodies = [decode(row[6]) for row in rows]
    happened = pa.array([row[3] for row in rows], pa.int64())
    arrays = [
        pa.array([row[0] for row in rows], pa.int64()),
        pa.array([row[1] for row in rows], pa.string()),
        happened.cast(_INSTANT),
        pa.array([row[4] for row in rows], pa.string()),
        pa.array([row[5] for row in rows], pa.string()),
    ]
    arrays += [_array(column, bodies) for column in body_columns(name)]
    return pa.Table.from_arrays([*arrays, months(happened)], schema=schema_of(name))


def _array(column: Column, bodies: Sequence[Any]) -> pa.Array:
    field = column.name
    values = [getattr(body, field) for body in bodies]
    if column.many and column.ref is None and pa.types.is_struct(column.arrow.value_type):
        names = [child.name for child in column.arrow.value_type]
        values = [[{n: getattr(v, n) for n in names} for v in value] for value in values]
    return pa.array(values, column.arrow)


def words_to_arrow(rows: Sequence[Any]) -> pa.Table:
    """Rows (seq, corp_id, group, member, happened_us, text) as columns."""
    happened = pa.array([row[4] for row in rows], pa.int64())
    arrays = [
        pa.array([row[i] for row in rows], t) for i, t in enumerate((pa.int64(), pa.string(), pa.int64(), pa.int64()))
    ]
    text = pa.array([row[5] for row in rows], pa.string())
    return pa.Table.from_arrays([*arrays, happened.cast(_INSTANT), text, months(happened)], schema=schema_of(WORDS))


def months(happened_us: pa.Array) -> pa.Array:
    """`2026-11` for each instant (UTC)."""
    import pyarrow.compute as pc

    return pc.strftime(happened_us.cast(_INSTANT), format="%Y-%m")


def rows_of(files: Sequence[str], schema: pa.Schema | None = None) -> Any:
    """The rows of files of the lake, to be filtered and counted. Imported here, because `pyarrow.dataset` loads pandas
    where there is one: a second that a start can do without."""
    import pyarrow.dataset as ds

    return ds.dataset(files, schema=schema)


def sort_keys(name: str) -> list[tuple[str, str]]:
    """How files are sorted: by group where there is one, so that a group's rows lie together."""
    has_group = "group" in schema_of(name).names
    return [*([("group", "ascending")] if has_group else []), ("happened_at", "ascending"), ("seq", "ascending")]


class Lake:
    """The tables in a data folder."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.data / "lake"

    def path(self, name: str) -> Path:
        return self.folder / name

    def table(self, name: str, version: int | None = None) -> DeltaTable | None:
        """The Delta table at a version, or None where nothing was ever kept of it."""
        if not (self.path(name) / "_delta_log").is_dir():
            return None
        return DeltaTable(str(self.path(name)), version=version)

    def append(self, name: str, rows: pa.Table, through: int) -> int:
        """Append rows that the table does not have yet, as told by their `seq`; returns the table's version.

        The highest `seq` is written in the same Delta commit, so that doing it again after a crash adds nothing.
        """
        present = self.table(name)
        done = (present.transaction_version(APP) or 0) if present is not None else 0
        if done:
            rows = rows.filter(pa.compute.greater(rows["seq"], done))
        if rows.num_rows:
            write_deltalake(
                present if present is not None else str(self.path(name)),
                rows.sort_by(sort_keys(name)),
                mode="append",
                partition_by=None if present is not None else ["month"],
                configuration=None if present is not None else _configuration(name),
                writer_properties=_writer(),
                commit_properties=_stamped(max(through, done)),
            )
        return _version(self.table(name))

    def rewrite(self, name: str, month: str, rows: pa.Table) -> int:
        """Put these rows in place of everything a month holds."""
        present = self.table(name)
        assert present is not None
        write_deltalake(
            present,
            rows.sort_by(sort_keys(name)),
            mode="overwrite",
            predicate=f"month = '{month}'",
            writer_properties=_writer(),
            target_file_size=256 << 20,
            commit_properties=_stamped(present.transaction_version(APP) or 0),
        )
        return _version(self.table(name))

    def delete(self, name: str, predicate: str) -> int:
        """Delete rows by a predicate; returns the table's version."""
        present = self.table(name)
        assert present is not None
        present.delete(predicate, commit_properties=_stamped(present.transaction_version(APP) or 0))
        return _version(self.table(name))

    def vacuum(self, name: str, *, hours: int) -> None:
        """Remove files that no version younger than `hours` needs."""
        present = self.table(name)
        if present is not None:
            present.vacuum(retention_hours=hours, dry_run=False, enforce_retention_duration=False)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process changes the lake at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def files(self, versions: Mapping[str, int]) -> dict[str, list[str]]:
        """The Parquet files of each table at its version."""
        return {name: list(_files(str(self.path(name)), version)) for name, version in versions.items()}


def months_of(table: DeltaTable) -> dict[str, list[str]]:
    """The files of a table by the month they hold."""
    by_month: dict[str, list[str]] = {}
    for file in table.file_uris():
        by_month.setdefault(file.rsplit("month=", 1)[1].split("/", 1)[0], []).append(file)
    return by_month


@lru_cache(maxsize=256)
def _files(path: str, version: int) -> tuple[str, ...]:
    return tuple(sorted(DeltaTable(path, version=version).file_uris()))


def _version(table: DeltaTable | None) -> int:
    return -1 if table is None else int(table.version())


def _configuration(name: str) -> dict[str, str | None]:
    """Statistics on numbers only: words and ids must not stay behind in the log after an erasure."""
    names = set(schema_of(name).names)
    return {"delta.dataSkippingStatsColumns": ",".join(n for n in _STATS.split(",") if n in names)}


def _writer() -> WriterProperties:
    return WriterProperties(compression="ZSTD", compression_level=3, max_row_group_size=131_072)


def _stamped(through: int) -> CommitProperties:
    return CommitProperties(app_transactions=[Transaction(APP, through)])


def split_by_kind(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Rows of many kinds, by kind (their third value)."""
    by_kind: dict[str, list[Any]] = {}
    for row in rows:
        by_kind.setdefault(row[2], []).append(row)
    return by_kind
