"""One brand for everybody who only looks, and a copy of it for whoever changes something."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from starlette.testclient import TestClient

from tests.web.scenes import Brand, copied, live, opened


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """What breaks is told without the values of variables: telling those takes seconds."""
    structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a brand that has lived for two months, made once for all processes. To be copied, not changed."""
    base = tmp_path_factory.getbasetemp()
    home = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (home / "brand.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "brand").exists():
            shutil.rmtree(home / "making", ignore_errors=True)
            live(home / "making" / "data")
            (home / "making").rename(home / "brand")
    return home / "brand" / "data"


@pytest.fixture(scope="session")
def seen(lived: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brand]:
    """The brand, for tests that look and change nothing."""
    with opened(copied(lived, tmp_path_factory.mktemp("seen") / "data")) as brand:
        yield brand


@pytest.fixture(scope="session")
def looking(seen: Brand) -> TestClient:
    """A machine that looks at it."""
    return seen.machine()


@pytest.fixture
def brand(lived: Path, tmp_path: Path) -> Iterator[Brand]:
    """A copy of the brand, to be changed."""
    with opened(copied(lived, tmp_path / "data")) as own:
        yield own


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Brand]:
    """A data folder on its first day."""
    with opened(tmp_path / "data") as nothing:
        yield nothing
