"""Stores that are ready and empty: to copy one spares a test the migrations, which cost ten times as much."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
import uuid
from pathlib import Path

import sqlalchemy as sa

from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger


@functools.cache
def empty_store() -> Path:
    """A data folder whose schema is up to date and in which nothing is."""
    data = Path(tempfile.mkdtemp(prefix="tiefen-empty-"))
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    Ledger.open(Settings(data=data)).close()
    return data


@functools.cache
def empty_database(server: str) -> str:
    """The name of a database on that server whose schema is up to date and in which nothing is."""
    name = f"tiefen_empty_{uuid.uuid4().hex[:12]}"
    administer(server, f"CREATE DATABASE {name}")
    with tempfile.TemporaryDirectory() as data:
        Ledger.open(Settings(data=Path(data), database_url=f"{server.rsplit('/', 1)[0]}/{name}")).close()
    atexit.register(administer, server, f"DROP DATABASE {name} WITH (FORCE)")
    return name


def administer(server: str, statement: str) -> None:
    """Run one statement on a PostgreSQL server, outside of any transaction."""
    url = server.replace("postgresql://", "postgresql+psycopg://")
    with sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect() as connection:
        connection.execute(sa.text(statement))
