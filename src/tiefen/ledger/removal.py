"""Removing a company with everything that is held of it, such as the demo."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.dataset as ds
import sqlalchemy as sa

from tiefen.ledger import dialect
from tiefen.ledger.flushing import keep_state, state
from tiefen.ledger.lake import KIND_OF, TABLES, Lake
from tiefen.ledger.schema import metadata, permits
from tiefen.ledger.store import Transactions
from tiefen.ledger.writing import key_of

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger

_FOLDERS = ("uploads", "readings", "models")


def remove_corp(ledger: Ledger, transactions: Transactions, lake: Lake, corp_id: str) -> None:
    """Remove a company from lake, store and folders. What is asked for again later starts from nothing."""
    ledger.corp(corp_id)
    ledger.flush()
    with lake.locked():
        for name in TABLES:
            _remove_from(transactions, lake, name, corp_id)
    with transactions.write() as connection:
        dialect.begin_writing(connection)
        connection.execute(sa.insert(permits).values(reason="removal"))
        for table in reversed(metadata.sorted_tables):
            if "corp_id" in table.c:
                connection.execute(sa.delete(table).where(table.c.corp_id == corp_id))
        connection.execute(sa.delete(permits))
    ledger.forget()
    for folder in _FOLDERS:
        shutil.rmtree(ledger.settings.data / folder / corp_id, ignore_errors=True)


def _remove_from(transactions: Transactions, lake: Lake, name: str, corp_id: str) -> None:
    table = lake.table(name)
    if table is None:
        return
    keys: list[bytes] = []
    if name in KIND_OF:
        mine = ds.dataset(table.file_uris()).to_table(columns=["source_id"], filter=pc.field("corp_id") == corp_id)
        keys = [key_of(corp_id, KIND_OF[name], source_id) for source_id in mine["source_id"].to_pylist()]
    version = lake.delete(name, "corp_id = '{}'".format(corp_id.replace("'", "''")))
    with transactions.write() as connection:
        through, versions = state(connection)
        keep_state(connection, through, versions | {name: version})
        dialect.forget_keys(connection, keys)
    lake.vacuum(name, hours=0)
