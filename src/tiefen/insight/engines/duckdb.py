"""DuckDB in this process: what answers unless a cluster was named."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tiefen.insight.engines import views
from tiefen.insight.expressions import ibis, ir
from tiefen.kit.settings import Settings
from tiefen.ledger.snapshot import Snapshot

if TYPE_CHECKING:
    from tiefen.insight.engine import Kernel

_ibis_import = threading.Lock()


@lru_cache(maxsize=1_000)
def _compiled(asked: Any) -> str:
    """An expression as SQL. To compile one takes 100 ms, far longer than to answer it about a small brand, and the next
    reading asks the same: expressions know tables by their names alone, so they are equal from one reading to another."""
    return str(ibis.duckdb.compile(asked.to_expr()))


def _name(name: str) -> str:
    return f'"{name}"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


SPEAK = views.Dialect(
    name=_name,
    text=_text,
    us=lambda column: f"epoch_us({column})",
    day=lambda us: f"CAST(make_timestamp({us}) AS DATE)",
    each="unnest",
)


class DuckDB:
    """One connection of its own, gone when it is closed. For one thread."""

    def __init__(self, scope: views.Scope, settings: Settings) -> None:
        import duckdb  # takes a while, and a start needs none of it

        self.connection = duckdb.connect(config=_config(settings))
        try:
            self._open(scope)
        except BaseException:
            self.connection.close()
            raise

    def _open(self, scope: views.Scope) -> None:
        connection, snapshot = self.connection, scope.snapshot
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        for name, table in snapshot.rows.items():
            connection.register(f"row_{name}", table)
        lake = {name: f"read_parquet([{', '.join(_text(f.removeprefix('file://')) for f in files)}], hive_partitioning = false)"
                for name, files in views.files(snapshot)}  # fmt: skip
        # What a few people did is found once and held, however often it is asked about.
        kind = "TABLE" if "asked" in snapshot.rows else "VIEW"
        for name in views.FACTS:
            connection.register(f"tail_{name}", snapshot.tail[name])
            connection.execute(f"CREATE TEMP {kind} {name} AS {views.facts(SPEAK, scope, name, lake.get(name))}")
        connection.execute(f"CREATE TEMP VIEW stay AS {views.stay(SPEAK, snapshot)}")
        past = scope.until_us is not None
        if past:
            for name in views.KNOWN:
                connection.execute(f"CREATE TEMP TABLE known_{name} AS {views.known(SPEAK, name)}")
        for name in views.SMALL:
            connection.execute(f"CREATE TEMP VIEW {_name(name)} AS {views.small(SPEAK, name, known=past)}")
        with _ibis_import:
            self._ibis = ibis.duckdb.from_connection(connection)

    def table(self, name: str) -> ir.Table:
        return ibis.table(self._ibis.table(name).schema(), name=name)  # bound to no connection: see `_compiled`

    def keep(self, name: str, made: ir.Table) -> ir.Table:
        self.connection.execute(f"CREATE TEMP TABLE {_name(name)} AS {_compiled(made.op())}")
        return self.table(name)

    def give(self, name: str, table: pa.Table) -> ir.Table:
        self.connection.register(name, table)
        return self.table(name)

    def arrow(self, expression: ir.Table) -> pa.Table:
        answer = self.connection.sql(_compiled(expression.op())).to_arrow_table()
        return expression.__pyarrow_result__(answer)

    def map_groups(self, name: str, rows: ir.Table, kernel: Kernel, schema: pa.Schema) -> ir.Table:
        return self.give(name, kernel(self.arrow(rows)).select(schema.names).cast(schema))

    def read_files(self, name: str, files: Sequence[Path]) -> ir.Table:
        """The rows of Parquet files of ours, under a name."""
        listed = ", ".join(_text(str(file)) for file in files)
        self.connection.execute(f"CREATE TEMP VIEW {_name(name)} AS SELECT * FROM read_parquet([{listed}])")
        return self.table(name)

    def digests(self, rows: pa.Table) -> dict[int, str]:
        """Of each `group`: a digest of its rows, in whatever order they are."""
        self.connection.register("digested", rows)
        every = ", ".join(_name(column) for column in rows.column_names)
        found = self.connection.sql(
            f"""SELECT "group", concat_ws('-', count(*), bit_xor(hash({every})), sum(hash({every}, 'again')::HUGEINT))
            FROM digested GROUP BY "group" """
        ).fetchall()
        self.connection.unregister("digested")
        return dict(found)

    def raw(self, sql: str) -> pa.Table:
        return self.connection.sql(sql).to_arrow_table()

    def close(self) -> None:
        self.connection.close()


def _config(settings: Settings) -> dict[str, Any]:
    scratch = settings.data / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    config: dict[str, Any] = {
        "memory_limit": f"{settings.lake_memory_mb}MB",
        "temp_directory": str(scratch),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if settings.lake_threads:
        config["threads"] = settings.lake_threads
    return config


_ALLOWED = re.compile(r"^\s*(select|with|from|describe|show|summarize|values)\b", re.IGNORECASE)


def query(snapshot: Snapshot, settings: Settings, sql: str) -> pa.Table:
    """Answer a question in SQL over the tables, read-only; what cannot be answered is a ValueError in words.

    Files, networks and settings are out of reach: the question is asked where only the tables are.
    """
    asked = sql.rstrip().rstrip(";")
    if not _ALLOWED.match(asked) or ";" in asked:
        raise ValueError("One SELECT, please.")
    import duckdb

    files = sorted({file.removeprefix("file://") for some in snapshot.files.values() for file in some})
    engine = DuckDB(views.Scope(snapshot), settings)
    try:
        engine.connection.execute(f"SET allowed_paths = {files!r}" if files else "SELECT 1")
        engine.connection.execute("SET enable_external_access = false")
        engine.connection.execute("SET lock_configuration = true")
        return engine.raw(asked)
    except duckdb.Error as error:
        raise ValueError(str(error).split("\n\n")[0]) from error
    finally:
        engine.close()
