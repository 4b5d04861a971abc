"""The work behind the server goes on, whatever happens to the processes it uses."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.ledger.scenes import CORP, joined, said
from tiefen.insight.apart import Reader, ReadingFailed
from tiefen.insight.readings import Readings
from tiefen.kit.settings import Settings
from tiefen.ledger.batch import Batch
from tiefen.ledger.ledger import Ledger
from tiefen.worker import Worker


def until(true: Callable[[], bool], patience: float = 60.0) -> None:
    ends = time.monotonic() + patience
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.05)


pytestmark = pytest.mark.slow
"""Each begins a process."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", reading_seconds=0.2, flush_seconds=0.2)


@pytest.fixture
def store() -> str:
    return ""


def test_facts_that_come_in_are_read_without_being_asked(ledger: Ledger, settings: Settings) -> None:
    readings = Readings(settings)
    worker = Worker(ledger, settings, readings)
    worker.start()
    try:
        ledger.append(Batch(CORP, "test", [joined(1), said(2)]))

        until(lambda: readings.current(CORP) is not None)
    finally:
        worker.close()
    assert readings.current(CORP).sql('SELECT count(*) AS n FROM "groups"').to_pylist() == [{"n": 1}]  # type: ignore[union-attr]
    assert worker.status() == {}


def test_a_reading_whose_process_is_killed_fails_and_the_next_one_is_made(ledger: Ledger, settings: Settings) -> None:
    ledger.append(Batch(CORP, "test", [joined(1), said(2)]))
    reader = Reader(settings)
    try:

        def killed(*_: object) -> None:
            for process in multiprocessing.active_children():
                process.kill()

        with pytest.raises(ReadingFailed):
            reader.read(CORP, killed)
        reader.read(CORP, lambda *_: None)
    finally:
        reader.close()

    assert Readings(settings).current(CORP) is not None


def test_a_reading_that_cannot_be_made_says_why_and_leaves_the_reader_working(
    ledger: Ledger, settings: Settings
) -> None:
    ledger.append(Batch(CORP, "test", [joined(1)]))
    reader = Reader(settings)
    try:
        with pytest.raises(ReadingFailed, match="no company called nobody"):
            reader.read("nobody", lambda *_: None)
        reader.read(CORP, lambda *_: None)
    finally:
        reader.close()

    assert Readings(settings).current(CORP) is not None


@pytest.mark.long
def test_a_past_day_that_was_asked_for_is_read_beside_the_newest(ledger: Ledger, settings: Settings) -> None:
    readings = Readings(settings)
    ledger.append(Batch(CORP, "test", [joined(1), said(2)]))
    worker = Worker(ledger, settings, readings)
    worker.start()
    try:
        worker.request_reading(CORP, date(2020, 1, 1))

        until(lambda: readings.as_of(CORP, date(2020, 1, 1)) is not None)
        assert readings.as_of(CORP, date(2020, 1, 1)) is readings.as_of(CORP, date(2020, 1, 1))
    finally:
        worker.close()
