"""What is remembered of an erased id: a digest under a key of the corp, so that the id is known again and never told."""

from __future__ import annotations

from hashlib import blake2b

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.ledger.facts import Id
from tiefen.ledger.schema import corps

ERASED = "erased:"
"""Begins the value of an id that was erased."""
SALT = "erasure_salt"
"""The setting of a corp that holds its key."""


def digest_of(salt: str, id: Id) -> str:
    """What is remembered of an erased id."""
    return ERASED + blake2b(f"{id.type}\0{id.value}".encode(), key=salt.encode()[:64], digest_size=16).hexdigest()


def salt_of(connection: Connection, corp_id: str) -> str | None:
    """The corp's key for digests of erased ids; None where nobody was ever erased."""
    settings = connection.execute(sa.select(corps.c.settings).where(corps.c.corp_id == corp_id)).scalar()
    salt: str | None = msgspec.json.decode(settings or "{}").get(SALT)
    return salt
