"""The few places where SQLite and PostgreSQL are spoken to differently."""

from __future__ import annotations

import gc
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import ARRAY

if TYPE_CHECKING:
    import pyarrow as pa

WRITER_LOCK = 7_305_001
LAKE_LOCK = 7_305_002
_ROWS = 50
"""Rows in one statement to SQLite: as fast as one by one, and other threads run meanwhile instead of in between."""


def insert(connection: Connection, table: sa.Table) -> Any:
    """An INSERT that can say what to do on conflict."""
    return _insert(table, for_sqlite=is_sqlite(connection))


def put(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put whole rows in, or in place of those with the same key."""
    if rows:
        connection.execute(_upsert(table, for_sqlite=is_sqlite(connection)), rows)


@cache
def _upsert(table: sa.Table, *, for_sqlite: bool) -> Any:
    """Made once: to make it takes ten times as long as to carry it out."""
    keys = [column.name for column in table.primary_key]
    upsert = _insert(table, for_sqlite=for_sqlite)
    changed = {column.name: upsert.excluded[column.name] for column in table.c if column.name not in keys}
    return upsert.on_conflict_do_update(index_elements=keys, set_=changed)


def _insert(table: sa.Table, *, for_sqlite: bool) -> Any:
    if for_sqlite:
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # only where there is one

    return postgresql.insert(table)


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def begin_writing(connection: Connection) -> None:
    """Become the only writer until the transaction ends, so that the order of `seq` is the order of commits."""
    if not is_sqlite(connection):
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER_LOCK})


def fresh_keys(connection: Connection, keys: Sequence[bytes]) -> set[bytes]:
    """Keep these keys and return the ones that were not there before. Sorted, neighbours share pages."""
    ordered = sorted(keys)
    cursor = connection.connection.cursor()
    if is_sqlite(connection):
        fresh: set[bytes] = set()
        for start in range(0, len(ordered), _ROWS):
            some = ordered[start : start + _ROWS]
            places = ", ".join(["(?)"] * len(some))
            cursor.execute(f"INSERT OR IGNORE INTO fact_keys(key) VALUES {places} RETURNING key", some)
            fresh.update(key for (key,) in cursor.fetchall())
        return fresh
    cursor.execute("CREATE TEMP TABLE IF NOT EXISTS incoming_keys (key bytea) ON COMMIT DELETE ROWS")
    cursor.execute("TRUNCATE incoming_keys")
    with cursor.copy("COPY incoming_keys (key) FROM STDIN") as copy:
        for key in ordered:
            copy.write_row((key,))
    cursor.execute(
        "INSERT INTO fact_keys (key) SELECT key FROM incoming_keys ORDER BY key ON CONFLICT DO NOTHING RETURNING key"
    )
    return {bytes(row[0]) for row in cursor.fetchall()}


def forget_keys(connection: Connection, keys: Sequence[bytes]) -> None:
    """Let the facts of these keys be kept again, should they come."""
    sql = "DELETE FROM fact_keys WHERE key = " + ("?" if is_sqlite(connection) else "%s")
    for start in range(0, len(keys), 10_000):
        connection.connection.cursor().executemany(sql, [(key,) for key in keys[start : start + 10_000]])


def insert_many(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert many rows of plain values: some dozens a statement on SQLite, COPY on PostgreSQL."""
    if not rows:
        return
    names = ", ".join(f'"{column}"' for column in columns)
    cursor = connection.connection.cursor()
    if is_sqlite(connection):
        places = f"({', '.join('?' * len(columns))})"
        for start in range(0, len(rows), _ROWS):
            some = rows[start : start + _ROWS]
            values = ", ".join([places] * len(some))
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES {values}", list(chain.from_iterable(some)))
        return
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def change_many(
    connection: Connection, table: str, columns: Sequence[str], keys: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Change many rows: the values of `columns`, then those of `keys` by which each is found."""
    mark = "?" if is_sqlite(connection) else "%s"
    values = ", ".join(f'"{column}" = {mark}' for column in columns)
    where = " AND ".join(f'"{key}" = {mark}' for key in keys)
    if not rows:
        return
    connection.connection.cursor().executemany(f"UPDATE {table} SET {values} WHERE {where}", rows)


def insert_new(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], returning: Sequence[str] = ()
) -> list[tuple[Any, ...]]:  # fmt: skip
    """Insert those that are not there yet, some dozens a statement; returns these columns of each that was new. Written out as
    text, since to make such a statement takes a hundred times as long as to carry it out."""
    names = ", ".join(f'"{column}"' for column in columns)
    place = "(" + ", ".join(["?" if is_sqlite(connection) else "%s"] * len(columns)) + ")"
    tail = " RETURNING " + ", ".join(f'"{column}"' for column in returning) if returning else ""
    cursor = connection.connection.cursor()
    new: list[tuple[Any, ...]] = []
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS]
        values = ", ".join([place] * len(some))
        cursor.execute(
            f"INSERT INTO {table} ({names}) VALUES {values} ON CONFLICT DO NOTHING{tail}",
            list(chain.from_iterable(some)),
        )
        if returning:
            new += cursor.fetchall()
    return new


def go_on_counting(connection: Connection, table: sa.Table, column: sa.Column[Any]) -> None:
    """After rows were put in with their numbers: give out higher ones from now on. SQLite sees to that itself."""
    if not is_sqlite(connection):
        highest = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(sa.select(sa.func.setval(sequence, highest, sa.false())))


def take_numbers(connection: Connection, name: str, count: int) -> int:
    """Reserve `count` numbers in a row and return the first. Given back if the transaction fails."""
    used = connection.execute(
        sa.text("UPDATE counters SET used = used + :n WHERE name = :name RETURNING used"), {"n": count, "name": name}
    ).scalar_one()
    return int(used) - count + 1


def pairs(result: Any) -> dict[Any, Any]:
    """A result of two columns as a dictionary. (`dict(result)` does not work: a result has `keys` of its own.)"""
    return dict(iter(result.tuples()))


def plain_rows(connection: Connection, asked: sa.Select[Any]) -> list[tuple[Any, ...]]:
    """The rows as the driver gives them, without a wrapper each; for hundreds of thousands at a time."""
    with connection.execute(asked) as result:
        rows: list[tuple[Any, ...]] = list(result.cursor.fetchall())
    return rows


_NOTHING = -(2**63)


def integers(connection: Connection, asked: sa.Select[Any]) -> list[pa.Array] | None:
    """The columns of a query for whole numbers, instants and flags, a third of the work of its rows: SQLite writes each column as one
    text (which may have 10⁹ characters, some 50 M rows). None where another database would have to do so."""
    if not is_sqlite(connection):
        return None
    import numpy as np
    import pyarrow as pa

    given = asked.subquery()
    texts = connection.execute(
        sa.select(
            *(sa.func.group_concat(sa.func.coalesce(sa.type_coerce(c, sa.BigInteger), _NOTHING)) for c in given.c)
        )
    ).one()
    columns = []
    for text in texts:
        numbers = np.fromstring(text or "", np.int64, sep=",")
        nothing = numbers == _NOTHING
        columns.append(pa.array(numbers, mask=nothing if nothing.any() else None))
    return columns


def among(connection: Connection, column: Any, numbers: Collection[int]) -> sa.ColumnElement[bool]:
    """Whether a column's number is one of many thousands: handed over as one value, since to name each takes longer than to find it."""
    if is_sqlite(connection):
        told = sa.func.json_each(json.dumps(list(numbers))).table_valued("value")
        found: sa.ColumnElement[bool] = column.in_(sa.select(told.c.value))
    else:
        found = column == sa.any_(sa.cast(list(numbers), ARRAY(sa.BigInteger)))
    return found


@contextmanager
def no_garbage() -> Iterator[None]:
    """Hold the collector still while many small objects are made that are all kept for a moment."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
