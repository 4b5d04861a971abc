"""The state: one SQLite connection behind one lock. A unit is a transaction; units within a unit belong to it."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import msgspec

from tiefen.sandbox.errors import OtherSandbox, SandboxInUse
from tiefen.sandbox.schema import TABLES, UPGRADES, VERSION

_encode = msgspec.json.Encoder().encode


def dump(value: Any) -> str:
    """JSON text for a column."""
    return _encode(value).decode()


def load(text: str | bytes | None) -> Any:
    """What `dump` wrote; None for NULL."""
    return None if text is None else msgspec.json.decode(text)


class Store:
    """Statements, and units of them. `path` None keeps everything in memory."""

    def __init__(self, folder: Path | None) -> None:
        self.lock = threading.RLock()
        self._depth = 0
        self._counters: dict[str, int] = {}
        self._changed: set[str] = set()
        self.undone: list[Callable[[], None]] = []
        """Called after a unit was undone: what was kept in memory of it is wrong."""
        self._lock_file = None if folder is None else _locked(folder)
        where = ":memory:" if folder is None else str(folder / "sandbox.db")
        self._db = sqlite3.connect(where, isolation_level=None, check_same_thread=False, cached_statements=512)
        self._db.row_factory = sqlite3.Row
        self.run = self._db.execute
        """Run a statement with a sequence of values."""
        if folder is not None:
            self.run("PRAGMA journal_mode=WAL")
            self.run("PRAGMA synchronous=NORMAL")
        self.run("PRAGMA cache_size=-65536")
        self.run("PRAGMA temp_store=MEMORY")
        self._prepare(where)

    def _prepare(self, where: str) -> None:
        version = self.run("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._db.executescript(f"BEGIN;{TABLES};PRAGMA user_version={VERSION};COMMIT;")
        elif version in UPGRADES:
            self._db.executescript(f"BEGIN;{UPGRADES[version]};PRAGMA user_version={VERSION};COMMIT;")
        elif version != VERSION:
            self.close()
            raise OtherSandbox(where)

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row, or None."""
        row: sqlite3.Row | None = self.run(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self.run(sql, values).fetchall()

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.run(sql, values).fetchone()
        return None if row is None else row[0]

    def column(self, sql: str, *values: Any) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self.run(sql, values)]

    def many(self, sql: str, rows: Iterable[Any]) -> None:
        self._db.executemany(sql, rows)

    def unit(self) -> Unit:
        """A transaction behind the lock: kept when its block ends, undone when that raises."""
        return Unit(self)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Within a unit: what the block wrote is undone when it raises, what was written before is not."""
        self.run("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK TO attempt")
            for forget in self.undone:
                forget()
            raise
        finally:
            self.run("RELEASE attempt")

    @property
    def in_unit(self) -> bool:
        return self._depth > 0

    def number(self, kind: str) -> int:
        """The next number of its kind, from 1; the same ones after a restart. Inside a unit only."""
        last = self._counters.get(kind)
        if last is None:
            last = self.value("SELECT last FROM counters WHERE kind = ?", kind) or 0
        self._counters[kind] = last + 1
        self._changed.add(kind)
        return int(last) + 1

    def setting(self, key: str, default: Any = None) -> Any:
        found = self.value("SELECT value FROM settings WHERE key = ?", key)
        return default if found is None else load(found)

    def set(self, key: str, value: Any) -> None:
        self.run("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, dump(value)))

    def close(self) -> None:
        self._db.close()
        if self._lock_file is not None:
            self._lock_file.close()

    def enter(self) -> None:
        self.lock.acquire()
        if self._depth == 0:
            try:
                self.run("BEGIN IMMEDIATE")
            except BaseException:
                self.lock.release()
                raise
        self._depth += 1

    def leave(self, *, keep: bool) -> None:
        self._depth -= 1
        try:
            if self._depth == 0:
                self._end(keep)
        finally:
            self.lock.release()

    def _end(self, keep: bool) -> None:
        if not keep:
            self._counters.clear()
            self._changed.clear()
            self.run("ROLLBACK")
            for forget in self.undone:
                forget()
            return
        if self._changed:
            rows = [(kind, self._counters[kind]) for kind in self._changed]
            self.many("INSERT OR REPLACE INTO counters (kind, last) VALUES (?, ?)", rows)
            self._changed.clear()
        self.run("COMMIT")


class Unit:
    __slots__ = ("_store",)

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> None:
        self._store.enter()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._store.leave(keep=kind is None)


def _locked(folder: Path) -> IO[str]:
    """A file that one process can hold: it is let go when the process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    held = (folder / "sandbox.lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise SandboxInUse(str(folder)) from None
    return held
