"""Removing a company with everything that is held of it, such as the demo."""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.ledger import dialect
from tiefen.ledger.digests import count_erasure
from tiefen.ledger.erasure import shrink
from tiefen.ledger.errors import StoreBusy
from tiefen.ledger.flushing import keep_state, move, state
from tiefen.ledger.lake import KIND_OF, TABLES, Lake, rows_of
from tiefen.ledger.schema import accounts, corps, facts, login_links, metadata, permits, sessions
from tiefen.ledger.store import Transactions
from tiefen.ledger.writing import key_of

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger

_FOLDERS = ("uploads", "readings", "models")


def remove_corp(ledger: Ledger, transactions: Transactions, lake: Lake, corp_id: str) -> None:
    """Remove a company from lake, store and folders. What is asked for again later starts from nothing.

    The row of the company goes last, so that a removal that was cut short can be asked for again. Whoever was looking
    at it looks at another company from then on.
    """
    ledger.corp(corp_id)
    with lake.locked():
        move(transactions, lake)
        for name in TABLES:
            _remove_from(transactions, lake, name, corp_id)
        with transactions.write() as connection:
            dialect.begin_writing(connection)
            came_since = sa.select(facts.c.kind, facts.c.source_id).where(facts.c.corp_id == corp_id)
            keys = [key_of(corp_id, kind, source_id) for kind, source_id in connection.execute(came_since)]
            dialect.forget_keys(connection, keys)
            _move_accounts(connection, corp_id)
            connection.execute(sa.insert(permits).values(reason="removal"))
            for table in reversed(metadata.sorted_tables):
                if "corp_id" in table.c:
                    connection.execute(sa.delete(table).where(table.c.corp_id == corp_id))
            connection.execute(sa.delete(permits))
            count_erasure(connection)
    for folder in _FOLDERS:
        shutil.rmtree(ledger.settings.data / folder / corp_id, ignore_errors=True)
    # Nobody waits for the pages to be given back: a later erasure or the store itself will do it.
    with suppress(StoreBusy):
        shrink(ledger, seconds=5)


def _move_accounts(connection: Connection, corp_id: str) -> None:
    """Accounts and who is signed in belong to the house; without another company they go with this one."""
    others = sa.select(corps.c.corp_id).where(corps.c.corp_id != corp_id).order_by(corps.c.demo, corps.c.created_us)
    other = connection.execute(others.limit(1)).scalar()
    if other is not None:
        for table in (accounts, sessions, login_links):
            connection.execute(sa.update(table).where(table.c.corp_id == corp_id).values(corp_id=other))


def _remove_from(transactions: Transactions, lake: Lake, name: str, corp_id: str) -> None:
    table = lake.table(name)
    if table is None:
        return
    keys: list[bytes] = []
    if name in KIND_OF and table.file_uris():
        mine = rows_of(table.file_uris()).to_table(columns=["source_id"], filter=pc.field("corp_id") == corp_id)
        keys = [key_of(corp_id, KIND_OF[name], source_id) for source_id in mine["source_id"].to_pylist()]
    version = lake.delete(name, "corp_id = '{}'".format(corp_id.replace("'", "''")))
    with transactions.write() as connection:
        through, versions = state(connection)
        keep_state(connection, through, versions | {name: version})
        dialect.forget_keys(connection, keys)
    lake.vacuum(name, hours=0)
