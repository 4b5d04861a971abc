"""Other people's processes, started once a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.peers.wecom.others import Running, Software
from tests.peers.wecom.results import Notes


@pytest.fixture(scope="session")
def started() -> Iterator[Callable[[Software, str], Running]]:
    """Gives the process of a software and script, the same one every time."""
    running: dict[tuple[str, str], Running] = {}

    def start(whose: Software, script: str) -> Running:
        if (whose.name, script) not in running:
            running[whose.name, script] = Running(whose, script)
        return running[whose.name, script]

    yield start
    for process in running.values():
        process.close()


@pytest.fixture(scope="session")
def notes() -> Iterator[Notes]:
    """What this run finds out, compared with what is kept and written down at the end."""
    taken = Notes()
    yield taken
    taken.close()
