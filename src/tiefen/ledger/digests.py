"""What is remembered of erased ids: digests under a key of the corp, so that an id is known again and never told."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.ledger import dialect
from tiefen.ledger.facts import Id
from tiefen.ledger.schema import corps, counters, handles, people

ERASED = "erased:"
"""Begins the value of an id that was erased, and the source id of a fact about somebody erased."""
SALT = "erasure_salt"
"""The setting of a corp that holds its key."""
_COUNTER = "erasure"


@dataclass(frozen=True, slots=True)
class Erased:
    """Whoever was erased in a corp."""

    salt: str
    handles: frozenset[int]

    def digest(self, id: Id) -> str:
        return digest_of(self.salt, id)


def digest_of(salt: str, id: Id) -> str:
    """What is remembered of an erased id."""
    return ERASED + blake2b(f"{id.type}\0{id.value}".encode(), key=salt.encode()[:64], digest_size=16).hexdigest()


def salt_of(connection: Connection, corp_id: str) -> str | None:
    """The corp's key for digests of erased ids; None where nobody was ever erased."""
    settings = connection.execute(sa.select(corps.c.settings).where(corps.c.corp_id == corp_id)).scalar()
    salt: str | None = msgspec.json.decode(settings or "{}").get(SALT)
    return salt


def erased_of(connection: Connection, corp_id: str) -> Erased | None:
    """Whoever was erased in a corp; None where nobody was."""
    salt = salt_of(connection, corp_id)
    if salt is None:
        return None
    asked = (
        sa.select(handles.c.handle)
        .join(people, people.c.person_id == handles.c.person_id)
        .where(people.c.corp_id == corp_id, people.c.erased_us.is_not(None))
    )
    return Erased(salt, frozenset(connection.scalars(asked)))


def erasures(connection: Connection) -> int:
    """How many erasures and removals there have been; other processes look at it before they trust what they remember."""
    return connection.execute(sa.select(counters.c.used).where(counters.c.name == _COUNTER)).scalar() or 0


def count_erasure(connection: Connection) -> None:
    """Say that something was erased, in the transaction that does it."""
    first = dialect.insert(connection, counters).values(name=_COUNTER, used=1)
    connection.execute(first.on_conflict_do_update(index_elements=["name"], set_={"used": counters.c.used + 1}))
