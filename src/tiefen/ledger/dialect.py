"""The few places where SQLite and PostgreSQL are spoken to differently."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

WRITER_LOCK = 7_305_001
LAKE_LOCK = 7_305_002


def insert(connection: Connection, table: sa.Table) -> Any:
    """An INSERT that can say what to do on conflict."""
    return sqlite.insert(table) if is_sqlite(connection) else postgresql.insert(table)


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def begin_writing(connection: Connection) -> None:
    """Become the only writer until the transaction ends, so that the order of `seq` is the order of commits."""
    if not is_sqlite(connection):
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER_LOCK})


def fresh_keys(connection: Connection, keys: Sequence[bytes]) -> set[bytes]:
    """Keep these keys and return the ones that were not there before. Sorted, neighbours share pages."""
    ordered = sorted(set(keys))
    if not ordered:
        return set()
    cursor = connection.connection.cursor()
    if is_sqlite(connection):
        return _fresh_on_sqlite(cursor, ordered)
    cursor.execute("CREATE TEMP TABLE IF NOT EXISTS incoming_keys (key bytea) ON COMMIT DELETE ROWS")
    cursor.execute("TRUNCATE incoming_keys")
    with cursor.copy("COPY incoming_keys (key) FROM STDIN") as copy:
        copy.write("".join([f"\\\\x{key.hex()}\n" for key in ordered]))
    cursor.execute(
        "INSERT INTO fact_keys (key) SELECT key FROM incoming_keys ORDER BY key ON CONFLICT DO NOTHING RETURNING key"
    )
    return {bytes(row[0]) for row in cursor.fetchall()}


def _fresh_on_sqlite(cursor: Any, ordered: list[bytes]) -> set[bytes]:
    """All at once, which is right when all or none are new; one by one where some are."""
    insert = "INSERT OR IGNORE INTO fact_keys(key) VALUES (?)"
    cursor.execute("SAVEPOINT incoming")
    cursor.executemany(insert, [(key,) for key in ordered])
    new = cursor.rowcount
    if new in (0, len(ordered)):
        cursor.execute("RELEASE incoming")
        return set(ordered) if new else set()
    cursor.execute("ROLLBACK TO incoming")
    cursor.execute("RELEASE incoming")
    execute = cursor.execute
    return {key for key in ordered if execute(insert, (key,)).rowcount}


def insert_many(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert many rows of plain values: `executemany` on SQLite, COPY on PostgreSQL."""
    if not rows:
        return
    names = ", ".join(f'"{column}"' for column in columns)
    cursor = connection.connection.cursor()
    if is_sqlite(connection):
        places = ", ".join("?" * len(columns))
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)
        return
    with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def rows_of_pairs(
    connection: Connection, table: str, by: tuple[str, str], columns: Sequence[str], pairs: Collection[tuple[int, int]]
) -> list[tuple[Any, ...]]:
    """The rows whose two integers `by` are one of these pairs, found through an index that begins with them."""
    if not pairs:
        return []
    names = ", ".join(f't."{column}"' for column in columns)
    cursor = connection.connection.cursor()
    if is_sqlite(connection):
        asked = f'SELECT {names} FROM "{table}" t WHERE t."{by[0]}" = ? AND t."{by[1]}" = ?'
        return [row for pair in pairs for row in cursor.execute(asked, pair)]
    ones, others = [one for one, _ in pairs], [other for _, other in pairs]
    cursor.execute(
        f'SELECT {names} FROM unnest(%s::bigint[], %s::bigint[]) AS p (one, other) '
        f'JOIN "{table}" t ON t."{by[0]}" = p.one AND t."{by[1]}" = p.other',
        (ones, others),
    )
    return list(cursor.fetchall())


def delete_pairs(connection: Connection, table: str, by: tuple[str, str], pairs: Collection[tuple[int, int]]) -> None:
    """Delete the rows whose two integers `by` are one of these pairs."""
    if not pairs:
        return
    cursor = connection.connection.cursor()
    if is_sqlite(connection):
        cursor.executemany(f'DELETE FROM "{table}" WHERE "{by[0]}" = ? AND "{by[1]}" = ?', list(pairs))
        return
    cursor.execute(
        f'DELETE FROM "{table}" t USING unnest(%s::bigint[], %s::bigint[]) AS p (one, other) '
        f'WHERE t."{by[0]}" = p.one AND t."{by[1]}" = p.other',
        ([one for one, _ in pairs], [other for _, other in pairs]),
    )


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
        rows: list[tuple[Any, ...]] = result.cursor.fetchall()
    return rows


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
