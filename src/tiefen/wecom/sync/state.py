"""How far a reading has come: written with what was read, in the same transaction."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.errors import TiefenError
from tiefen.kit.text import to_json
from tiefen.ledger import dialect
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_syncs

_S = TypeVar("_S", bound=msgspec.Struct)
_MOST_SKIPS = 200
_LOCK = 7_305_100


@dataclass(eq=False)
class SyncUnderWay(TiefenError):
    status = 409
    says = "Somebody else reads the WeCom of {corp_id} just now."

    corp_id: str


class Skip(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was not read, and why."""

    step: str
    of: str
    code: str
    sentence: str


class Unit(msgspec.Struct, kw_only=True):
    """A part of a step with a cursor of its own, begun at `since_us`."""

    of: list[str]
    cursor: str = ""
    since_us: int = 0
    done: bool = False
    lost: int = 0
    """How often its cursor was lost."""


class Summary(msgspec.Struct, kw_only=True):
    """What a reading amounted to. Times are WeCom's, `seconds` ours."""

    began_us: int = 0
    ended_us: int = 0
    seconds: float = 0.0
    facts: int = 0
    inferred: int = 0
    read: dict[str, int] = {}
    skipped: list[Skip] = []
    more_skipped: int = 0


class State(msgspec.Struct, kw_only=True):
    """A reading under way (`step` is not empty), and how the last one ended."""

    step: str = ""
    steps_done: int = 0
    units: list[Unit] | None = None
    done: int = 0
    of: int | None = None
    began_step_us: int = 0
    """By our own clock."""
    now: Summary = msgspec.field(default_factory=Summary)
    last: Summary | None = None

    def read(self, what: str, count: int) -> None:
        self.now.read[what] = self.now.read.get(what, 0) + count

    def skip(self, of: str, error: TiefenError) -> None:
        """Note what could not be read; the first two hundred with their reasons."""
        if len(self.now.skipped) < _MOST_SKIPS:
            code = str(getattr(error, "errcode", "")) or error.code
            self.now.skipped.append(Skip(step=self.step, of=of, code=code, sentence=str(error)))
        else:
            self.now.more_skipped += 1


class ArchiveState(msgspec.Struct, kw_only=True):
    """Rows up to `seq` are taken; when that was last asked, by WeCom's clock."""

    seq: int = 0
    asked_us: int = 0
    posted: int = 0
    passed: int = 0


def load(connection: Connection, corp_id: str, what: str, kind: type[_S]) -> _S:
    """What is noted, or a beginning."""
    asked = sa.select(wecom_syncs.c.state).where(wecom_syncs.c.corp_id == corp_id, wecom_syncs.c.what == what)
    found = connection.execute(asked).scalar()
    return msgspec.json.decode(found, type=kind) if found is not None else kind()


def save(connection: Connection, corp_id: str, what: str, state: msgspec.Struct) -> None:
    row = {"corp_id": corp_id, "what": what, "state": to_json(state)}
    upsert = dialect.insert(connection, wecom_syncs).values(row)
    connection.execute(upsert.on_conflict_do_update(index_elements=["corp_id", "what"], set_=row))


@contextmanager
def alone(ledger: Ledger, corp_id: str, what: str) -> Iterator[None]:
    """Be the only one, of all processes on this store, that reads this; `SyncUnderWay` where somebody else does. Who is
    killed lets go."""
    path = ledger.settings.data / f".wecom-{what}-{corp_id.encode().hex()[:100]}.lock"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SyncUnderWay(corp_id) from None
        with _alone_on_postgres(ledger, f"{corp_id} {what}", corp_id):
            yield


@contextmanager
def _alone_on_postgres(ledger: Ledger, key: str, corp_id: str) -> Iterator[None]:
    """The same for processes that share a database and no folder."""
    if ledger.engine.dialect.name == "sqlite":
        yield
        return
    with ledger.engine.connect() as connection:
        asked = sa.text("SELECT pg_try_advisory_lock(:lock, hashtext(:key))")
        if not connection.execute(asked, {"lock": _LOCK, "key": key}).scalar_one():
            raise SyncUnderWay(corp_id)
        connection.commit()
        try:
            yield
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(:lock, hashtext(:key))"), {"lock": _LOCK, "key": key})
            connection.commit()
