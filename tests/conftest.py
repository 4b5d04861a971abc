"""What every test may ask for: a fresh ledger, on SQLite, and on PostgreSQL where a test says `stores`."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import administer, empty_database, empty_store
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger

CORP = "honglou"
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Real public data sets beside the project; tests that read them are skipped where they are absent."""

HERE = Path(__file__).parent
LONG_ON_POSTGRES = ("act/journeys", "act/broadcasts", "act/playbooks", "decide/segments")
"""Hundreds of scenes, each on a database of its own: on PostgreSQL they are in `scripts/test long`."""


SLOW = ("web", "cli")
"""What needs a brand that was lived and read, or a process of its own, is not in the fast suite."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.path.is_relative_to(HERE / folder) for folder in SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "store" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("stores") is not None
        marks = [pytest.mark.postgresql]
        if any(metafunc.definition.path.is_relative_to(HERE / folder) for folder in LONG_ON_POSTGRES):
            marks.append(pytest.mark.long)
        on = [pytest.param("postgresql", marks=marks)] if both else []
        metafunc.parametrize("store", ["sqlite", *on], indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database URL; empty for SQLite in the data folder."""
    if request.param == "sqlite":
        yield ""
        return
    server = os.environ.get("TIEFEN_TEST_POSTGRES")
    if not server:
        pytest.skip("TIEFEN_TEST_POSTGRES names no PostgreSQL server")
    name = f"tiefen_{uuid.uuid4().hex[:12]}"
    bare = request.node.get_closest_marker("bare") is not None
    administer(server, f"CREATE DATABASE {name}" + ("" if bare else f" TEMPLATE {empty_database(server)}"))
    yield f"{server.rsplit('/', 1)[0]}/{name}"
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings(tmp_path: Path, store: str) -> Settings:
    return Settings(data=tmp_path / "data", database_url=store)


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    if not settings.database_url:
        shutil.copytree(empty_store(), settings.data)
    with Ledger.open(settings) as opened:
        opened.ensure_corp(CORP, name="红楼")
        yield opened


@pytest.fixture(scope="session")
def real_data() -> Path:
    if not DATA.is_dir():
        pytest.skip("../shared/data is not there")
    return DATA
