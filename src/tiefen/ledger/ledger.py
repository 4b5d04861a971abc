"""The one door to what happened: writing in, reading out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from tiefen.kit.clock import now_us
from tiefen.kit.settings import Settings
from tiefen.ledger import compaction, corps, dialect, erasure, exporting, flushing, identity, removal, snapshot
from tiefen.ledger.batch import Batch, Receipt
from tiefen.ledger.corps import Corp
from tiefen.ledger.erasure import ErasureReceipt
from tiefen.ledger.facts import Fact, Id, IdentityLinked, MemberJoined, MemberLeft
from tiefen.ledger.lake import Lake
from tiefen.ledger.reconciling import full_list, listed
from tiefen.ledger.schema import counters, fact_counts
from tiefen.ledger.snapshot import Snapshot
from tiefen.ledger.store import Transactions, open_store
from tiefen.ledger.writing import Together, Writer, own_writing


class Ledger:
    """What happened, who and where. Safe to use from many threads; several processes may have one folder open."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings, self.engine = settings, engine
        self._transactions = Transactions(engine)
        self._writer = Writer(self._transactions.write)
        self._lake = Lake(settings)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the data folder, make what is missing, bring the schema up to date."""
        return cls(settings, open_store(settings))

    def close(self) -> None:
        """Write what was handed in, and let go of the store."""
        self._writer.close()
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    # ---- writing ----

    def append(self, batch: Batch) -> Receipt:
        """Keep a batch, whole; returns after the commit is on disk."""
        return self._writer.submit(batch).result()

    def submit(self, batch: Batch) -> Future[Receipt]:
        """Keep a batch without waiting; the receipt comes once the commit is on disk."""
        return self._writer.submit(batch)

    @property
    def waiting(self) -> int:
        """How many facts are handed in and not yet committed: the depth of the queue."""
        return self._writer.waiting

    def read(self) -> AbstractContextManager[Connection]:
        """A consistent view of the rows."""
        return self._transactions.read()

    def write(self) -> AbstractContextManager[Connection]:
        """A transaction of its own for rows that are not facts; commits at the end."""
        return self._transactions.write()

    @contextmanager
    def together(self) -> Iterator[Together]:
        """A transaction in which facts are appended and rows of others are read and written: all of it is kept, or none."""
        with self.write() as connection:
            dialect.begin_writing(connection)
            yield Together(connection)

    # ---- the lake ----

    def flush(self) -> int:
        """Move what is committed into the lake, each fact exactly once; returns how many moved."""
        return flushing.flush(self._transactions, self._lake)

    def compact(self) -> int:
        """Make few files of many; returns how many months were rewritten."""
        return compaction.compact(self._transactions, self._lake)

    def snapshot(
        self, corp_id: str, *, facts_only: bool = False, people: Collection[int] | None = None,
        kinds: Collection[str] | None = None,
    ) -> Snapshot:  # fmt: skip
        """Everything of a corp at this moment, lake and store together; with `facts_only` without the small tables, with `people`
        only what is theirs, with `kinds` only facts of these kinds."""
        return snapshot.take(self._transactions, self._lake, corp_id, facts_only=facts_only, people=people, kinds=kinds)

    # ---- erasure, export, removal ----

    def erase(self, corp_id: str, person_id: int, by: str) -> ErasureReceipt:
        """Erase somebody from store, lake and words, for good; see `ledger.erasure`."""
        return erasure.erase(self, self._transactions, self._lake, corp_id, person_id, by)

    def export(self, corp_id: str, person_id: int) -> dict[str, Any]:
        """Everything held about somebody, as plain values."""
        return exporting.export(self, corp_id, person_id)

    def remove_corp(self, corp_id: str) -> None:
        """Remove a company with everything that is held of it."""
        removal.remove_corp(self, self._transactions, self._lake, corp_id)

    def forget(self) -> None:
        """Drop what is remembered of the store, after something in it was erased."""
        self._writer.caches.clear()

    # ---- corps ----

    def ensure_corp(self, corp_id: str = "main", *, name: str = "", demo: bool = False) -> Corp:
        """The corp, made now if it is not there yet."""
        name = name or (corps.FIRST_NAMES["zh"] if corp_id == corps.FIRST else corp_id)
        with self.read() as connection:
            found = {corp.corp_id: corp for corp in corps.all_of(connection)}
        if corp_id in found:
            return found[corp_id]
        with self.write() as connection:
            return corps.ensure(connection, corp_id, name, self.settings.time_zone, self.settings.currency, demo)

    def corps(self) -> list[Corp]:
        with self.read() as connection:
            return corps.all_of(connection)

    def corp(self, corp_id: str) -> Corp:
        with self.read() as connection:
            return corps.get(connection, corp_id)

    def update_settings(self, corp_id: str, changed: dict[str, Any]) -> Corp:
        with self.write() as connection:
            return corps.update(connection, corp_id, changed)

    # ---- counts ----

    def facts(self, corp_id: str | None = None, kind: str | None = None) -> int:
        """How many facts are kept; of one corp, of one kind."""
        asked = sa.select(sa.func.coalesce(sa.func.sum(fact_counts.c.facts), 0))
        if corp_id is not None:
            asked = asked.where(fact_counts.c.corp_id == corp_id)
        if kind is not None:
            asked = asked.where(fact_counts.c.kind == kind)
        with self.read() as connection:
            return int(connection.execute(asked).scalar_one())

    def last_seq(self) -> int:
        """The highest sequence number given out."""
        with self.read() as connection:
            return int(connection.execute(sa.select(counters.c.used).where(counters.c.name == "fact")).scalar_one())

    # ---- presence ----

    def reconcile(self, corp_id: str, group: str, members: Collection[Id], at_us: int, origin: str) -> Receipt:
        """Compare a full list of members with what is known; what it contradicts becomes inferred facts.

        The same list again changes nothing.
        """
        with self.read() as connection:
            come, gone = full_list(connection, corp_id, group, members)
        facts: list[Fact] = [
            MemberJoined(
                happened_us=at_us, source_id=listed(group, at_us, id), group=group, member=id,
                inferred=True,
            )
            for id in come
        ]  # fmt: skip
        facts += [
            MemberLeft(
                happened_us=at_us, source_id=listed(group, at_us, id), group=group, member=id,
                inferred=True,
            )
            for id in gone
        ]  # fmt: skip
        return self.append(Batch(corp_id, origin, facts))

    # ---- identity ----

    def merge(self, corp_id: str, kept: int, gone: int, because: str = "operator") -> None:
        """Make two people one, by hand; the limits of ids do not hold a person back."""
        with self.write() as connection:
            writing = own_writing(connection, self._writer.caches, corp_id, "identity")
            writing.merged(identity.merge(connection, kept, gone, corp_id), now_us(), because)
            writing.finish()

    def decide(self, corp_id: str, one: int, other: int, *, same: bool, because: str = "operator") -> None:
        """Keep what was said of two people: that they are one, and then they are made so, or that they are not."""
        with self.write() as connection:
            writing = own_writing(connection, self._writer.caches, corp_id, "identity")
            now, (kept, gone) = now_us(), sorted((one, other))
            number = dialect.take_numbers(connection, "merge", 1)
            refused = None if same else because
            writing.keep(IdentityLinked.kind, f"{kept}:{gone}:{number}", now, person=kept, also=gone, refused=refused)
            if same:
                writing.merged(identity.merge(connection, kept, gone, corp_id), now, because)
            writing.finish()

    def split(self, corp_id: str, person_id: int, handles: list[int]) -> int:
        """Take a merge back: give some of a person's handles to somebody of their own."""
        with self.write() as connection:
            writing = own_writing(connection, self._writer.caches, corp_id, "identity")
            now = now_us()
            new = identity.split(connection, corp_id, person_id, handles, now)
            number = dialect.take_numbers(connection, "merge", 1)
            writing.keep(
                "person.split", f"{person_id}:{new}:{number}", now, kept=person_id, new=new, handles=tuple(handles)
            )
            writing.finish()
            return new
