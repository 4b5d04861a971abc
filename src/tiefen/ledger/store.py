"""Opening the store: the engine, its settings, and the schema brought up to date."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event

from tiefen.kit.settings import Settings
from tiefen.ledger.errors import StoreUnreachable

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATE_LOCK = 7_305_000


def open_store(settings: Settings) -> Engine:
    """An engine on the store of these settings, its schema up to date."""
    settings.data.mkdir(parents=True, exist_ok=True)
    where = "TIEFEN_DATABASE_URL" if settings.database_url else str(settings.data)  # never the URL: it holds a password
    try:
        engine = sa.create_engine(settings.store_url, pool_pre_ping=True, pool_size=10, max_overflow=30)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
        migrate(engine)
    except sa.exc.ArgumentError:
        raise StoreUnreachable(where, "it is no address of a database.") from None
    except sa.exc.OperationalError as error:
        raise StoreUnreachable(where, str(error.orig).strip().split("\n")[0]) from error
    return engine


def migrate(engine: Engine) -> None:
    """Run what migrations are missing, one process at a time."""
    if _revision(engine) == _newest():
        return
    # Imported here, because most starts have nothing to migrate and need not wait for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATE_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _revision(engine: Engine) -> str | None:
    """What the schema was last brought up to; None where there is none yet."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def _newest() -> str:
    """The number of the newest migration: its file's name begins with it."""
    return max(file.name.partition("_")[0] for file in _MIGRATIONS.glob("versions/[0-9]*.py"))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Python's driver must not begin transactions by itself: `writing` does, and with IMMEDIATE.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "busy_timeout=60000", "cache_size=-65536",
        "temp_store=MEMORY", "mmap_size=0", "foreign_keys=ON",
        "wal_autocheckpoint=16000",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class Transactions:
    """The two ways to speak with the store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._one_writer = threading.RLock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; whatever is done in it is undone."""
        with self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that commits at the end; one at a time in this process and, on SQLite, in all of them."""
        with self._one_writer, self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.begin()  # or what is said through the driver alone would not be committed
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
