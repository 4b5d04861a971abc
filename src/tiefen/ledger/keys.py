"""Write keys: with which systems send events."""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.kit.clock import now_us
from tiefen.kit.ids import new_secret
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import write_keys


def add_write_key(ledger: Ledger, corp_id: str, name: str, *, strict: bool = False) -> str:
    """A new write key for a system called `name`. With `strict`, refused events are answered with 400."""
    key = new_secret()
    row = {"write_key": key, "corp_id": corp_id, "name": name, "strict": strict, "created_us": now_us()}
    with ledger.write() as connection:
        connection.execute(sa.insert(write_keys).values(row))
    return key
