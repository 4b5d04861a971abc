"""A Spark cluster, reached by Spark Connect: for more facts than one machine holds. It reads the same files (docs/scale.md).

Here is only a client, without Java. What the cluster needs to know of the snapshot is told when it is first asked about.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa

from tiefen.insight.engines import views
from tiefen.insight.expressions import ibis, ir
from tiefen.kit.settings import Settings
from tiefen.ledger.lake import schema_of

if TYPE_CHECKING:
    from tiefen.insight.engine import Kernel

_first = threading.Lock()
_INSTANT = pa.timestamp("us", tz="UTC")


def _name(name: str) -> str:
    return f"`{name}`"


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SPEAK = views.Dialect(
    name=_name,
    text=_text,
    us=lambda column: f"unix_micros({column})",
    day=lambda us: f"CAST(timestamp_micros({us}) AS DATE)",
    each="explode",
)

_CONF = {
    "spark.sql.session.timeZone": "UTC",
    # A number that cannot be is null and not an error, as in DuckDB.
    "spark.sql.ansi.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


class Spark:
    """One session of its own on the cluster, gone when it is closed. For one thread."""

    def __init__(self, scope: views.Scope, settings: Settings) -> None:
        self._scope = scope
        self._settings = settings
        self._kept: list[Any] = []
        self._there: set[str] = set()
        with _first:
            from pyspark.sql.connect.session import SparkSession

            self._session = SparkSession.builder.remote(settings.spark_url).create()
            for key, value in _CONF.items():
                self._session.conf.set(key, value)
            self._ibis = ibis.pyspark.connect(self._session)

    def table(self, name: str) -> ir.Table:
        self._prepare(name)
        return self._ibis.table(name)

    def keep(self, name: str, made: ir.Table) -> ir.Table:
        return self._hold(name, self._asked(made))

    def give(self, name: str, table: pa.Table) -> ir.Table:
        self._take(name, table)
        return self._ibis.table(name)

    def arrow(self, expression: ir.Table) -> pa.Table:
        fields = expression.schema().to_pyarrow()
        # Ibis forgets that an instant of Spark's is in UTC.
        known = [field.with_type(_INSTANT) if pa.types.is_timestamp(field.type) else field for field in fields]
        return self._asked(expression).toArrow().cast(pa.schema(known))

    def map_groups(self, name: str, rows: ir.Table, kernel: Kernel, schema: pa.Schema) -> ir.Table:
        groups = self._asked(rows).groupBy("group")
        return self._hold(name, groups.applyInArrow(_of_one(kernel, schema), _spark_schema(schema)))

    def raw(self, sql: str) -> pa.Table:
        for name in (*views.FACTS, "stay", *views.SMALL):
            self._prepare(name)
        return self._session.sql(sql).toArrow()

    def close(self) -> None:
        for held in self._kept:
            held.unpersist()
        self._session.stop()

    def _prepare(self, name: str) -> None:
        """See to it that a table of the snapshot is there. Not before somebody asks: each one is a talk with the cluster."""
        if name in self._there:
            return
        self._there.add(name)
        scope, snapshot = self._scope, self._scope.snapshot
        if name.startswith("row_"):
            self._take(name, snapshot.rows[name.removeprefix("row_")])
        elif name in views.FACTS:
            self._prepare("row_merge")
            self._take(f"tail_{name}", snapshot.tail[name])
            lake = snapshot.files.get(name)
            if lake:
                columns = pa.schema([field for field in schema_of(name) if field.name != "month"])
                there = [as_seen(file, self._settings) for file in lake]
                rows = self._session.read.schema(_spark_schema(columns)).parquet(*there)
                rows.createOrReplaceTempView(f"lake_{name}")
            self._view(name, views.facts(SPEAK, scope, name, f"lake_{name}" if lake else None))
        elif name == "stay":
            self._prepare("row_merge")
            self._prepare("row_stay")
            self._view(name, views.stay(SPEAK, snapshot))
        elif name in views.SMALL:
            self._prepare(f"row_{views.SMALL[name]}")
            known = scope.until_us is not None and name in views.KNOWN
            if known:
                for other in (*views.FACTS, "stay"):
                    self._prepare(other)
                self._hold(f"known_{name}", self._session.sql(views.known(SPEAK, name)))
            self._view(name, views.small(SPEAK, name, known=known))

    def _asked(self, expression: ir.Table) -> Any:
        self._ibis._run_pre_execute_hooks(expression)
        return self._session.sql(self._ibis.compile(expression))

    def _take(self, name: str, table: pa.Table) -> None:
        rows = self._session.createDataFrame(table, _spark_schema(table.schema)) if table.num_rows else None
        if rows is None:
            rows = self._session.createDataFrame([], _spark_schema(table.schema))
        rows.createOrReplaceTempView(name)

    def _hold(self, name: str, rows: Any) -> ir.Table:
        held = rows.persist()
        self._kept.append(held)
        held.createOrReplaceTempView(name)
        return self._ibis.table(name)

    def _view(self, name: str, sql: str) -> None:
        self._session.sql(f"CREATE OR REPLACE TEMPORARY VIEW {_name(name)} AS {sql}")


def as_seen(file: str, settings: Settings) -> str:
    """Where the cluster finds a file of the lake: at the same path, or in the place that holds a copy of the folder."""
    if not settings.spark_lake:
        return file
    path = Path(unquote(file.removeprefix("file://")))
    inside = path.relative_to((settings.data / "lake").resolve()).as_posix()
    return f"{settings.spark_lake.rstrip('/')}/{inside}"


def _spark_schema(schema: pa.Schema) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)


def _of_one(kernel: Kernel, schema: pa.Schema) -> Callable[[pa.Table], pa.Table]:
    def of_one(rows: pa.Table) -> pa.Table:
        return kernel(rows).select(schema.names).cast(schema)

    return of_one
