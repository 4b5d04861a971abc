"""Moving facts from the store into the lake, each exactly once."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.clock import now_us
from tiefen.ledger import dialect
from tiefen.ledger.following import seen_by_all
from tiefen.ledger.lake import WORDS, Lake, facts_to_arrow, split_by_kind, table_name, words_to_arrow
from tiefen.ledger.schema import facts, lake_state, words
from tiefen.ledger.store import Transactions

CHUNK = 80_000
FACT_ROW = (
    facts.c.seq, facts.c.corp_id, facts.c.kind, facts.c.happened_us, facts.c.source_id, facts.c.origin, facts.c.body,
)  # fmt: skip
WORD_ROW = (words.c.seq, words.c.corp_id, words.c.group, words.c.member, words.c.happened_us, words.c.text)


def flush(transactions: Transactions, lake: Lake) -> int:
    """Move everything that is committed; returns how many facts moved.

    Each table's Delta commit carries the `seq` it reaches. A crash before the store learns of it is harmless: the
    next flush leaves out what a table already has.
    """
    with lake.locked():
        return move(transactions, lake)


def move(transactions: Transactions, lake: Lake) -> int:
    """What `flush` does, for who holds the lake already. Whoever rewrites a table must do this first: after a crash
    the newest version of a table may hold facts that the store still counts as its own."""
    moved = 0
    with dialect.no_garbage():
        while True:
            with transactions.read() as connection:
                through, versions = state(connection)
                rows = dialect.plain_rows(connection, _tail(FACT_ROW, through).limit(CHUNK))
                reached = rows[-1][0] if rows else through
                said = dialect.plain_rows(connection, _tail(WORD_ROW, through).where(words.c.seq <= reached))
            if not rows:
                return moved
            for kind, some in split_by_kind(rows).items():
                name = table_name(kind)
                versions[name] = lake.append(name, facts_to_arrow(kind, some), reached)
            if said:
                versions[WORDS] = lake.append(WORDS, words_to_arrow(said), reached)
            with transactions.write() as connection:
                keep_state(connection, reached, versions)
                connection.execute(sa.delete(facts).where(facts.c.seq <= reached, facts.c.seq <= seen_by_all()))
                connection.execute(sa.delete(words).where(words.c.seq <= reached))
            moved += len(rows)
            if len(rows) < CHUNK:
                return moved


def _tail(columns: Any, through: int) -> Any:
    return sa.select(*columns).where(columns[0] > through).order_by(columns[0])


def state(connection: Connection) -> tuple[int, dict[str, int]]:
    """(the highest `seq` in the lake, the version of each table)."""
    row = connection.execute(sa.select(lake_state.c.flushed_through, lake_state.c.versions)).one()
    return row.flushed_through, msgspec.json.decode(row.versions, type=dict[str, int])


def keep_state(connection: Connection, through: int, versions: dict[str, int]) -> None:
    connection.execute(
        sa.update(lake_state).values(
            flushed_through=through, versions=msgspec.json.encode(versions).decode(), flushed_us=now_us()
        )
    )
