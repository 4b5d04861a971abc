"""一次判读 — the whole catalogue at one moment, written beside the last one and put in its place in one step."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tiefen.insight.engine import Tables, opened
from tiefen.insight.models.learning import learn_talk
from tiefen.insight.readings import CURRENT, Reading, Readings, folder_of
from tiefen.insight.tables import TABLES
from tiefen.insight.window import USUAL_DAYS, Window
from tiefen.kit.clock import DAY_US, day_of
from tiefen.kit.settings import Settings
from tiefen.ledger.snapshot import Snapshot

Progress = Callable[[float, str, str], object]
"""(how much is done, 0…1; what is being done, in Chinese and in English)."""

KEPT = 2
"""The current reading and the one before it, which somebody may still be looking at."""
QUIET_US = 3 * DAY_US
_ROW_GROUP = 20_000


def as_of_us(snapshot: Snapshot) -> int:
    """The instant that a reading tells of: now, unless nothing at all was heard for `QUIET_US`. Then it is the last thing
    heard, so that the log of a past year shows how its groups were and not that they have been silent since."""
    latest = snapshot.latest_us
    return snapshot.taken_us if latest is None or snapshot.taken_us - latest <= QUIET_US else latest


def read_everything(snapshot: Snapshot, settings: Settings, progress: Progress | None = None) -> Reading:
    """Compute every table as of `as_of_us` and make them the corp's current reading.

    A reader sees the old reading or the new one, whole; a crash on the way leaves the old one.
    """
    began = time.monotonic()
    as_of = as_of_us(snapshot)
    home = folder_of(settings, snapshot.corp_id)
    reading_id = f"{snapshot.taken_us}-{snapshot.through}"
    making = home / f".{reading_id}-{os.getpid()}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        with opened(snapshot, settings, keeping=True) as tables:
            learn_talk(tables)
            _write_all(tables, Window.ending(day_of(as_of, snapshot.time_zone), USUAL_DAYS), making, progress)
        shutil.rmtree(home / reading_id, ignore_errors=True)
        making.replace(home / reading_id)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    _put(
        home / CURRENT,
        {
            "reading_id": reading_id,
            "as_of_us": as_of,
            "through": snapshot.through,
            "time_zone": snapshot.time_zone,
            "seconds": round(time.monotonic() - began, 3),
            "window_days": USUAL_DAYS,
        },
    )
    _forget_old(home, reading_id)
    if progress is not None:
        progress(1.0, "完成", "Done")
    reading = Readings(settings).current(snapshot.corp_id)
    assert reading is not None
    return reading


def _write_all(tables: Tables, window: Window, folder: Path, progress: Progress | None) -> None:
    made: dict[str, pa.Table] = {}
    for number, table in enumerate(TABLES):
        if progress is not None:
            progress(number / len(TABLES), table.zh, table.en)
        answer = table.of(tables, window, made)
        rows = answer if isinstance(answer, pa.Table) else tables.arrow(answer)
        if table.sorted_by:
            rows = rows.sort_by([(column, "ascending") for column in table.sorted_by])
        made[table.name] = rows
        pq.write_table(
            rows, folder / f"{table.name}.parquet", compression="zstd", row_group_size=_ROW_GROUP, use_dictionary=True
        )


def _put(path: Path, value: dict[str, object]) -> None:
    """Write a small file whole or not at all."""
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    beside.write_text(json.dumps(value), "utf-8")
    beside.replace(path)


def _forget_old(home: Path, current: str) -> None:
    others = sorted((p for p in home.iterdir() if p.is_dir() and p.name != current), key=lambda p: p.stat().st_mtime)
    for old in others[: max(0, len(others) - (KEPT - 1))]:
        shutil.rmtree(old, ignore_errors=True)
