"""一次判读 — the whole catalogue at one moment, written beside the last one and put in its place in one step."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tiefen.insight.engine import Tables, opened
from tiefen.insight.models.learning import learn_talk
from tiefen.insight.past import as_it_was
from tiefen.insight.readings import CURRENT, KNOWN, Reading, Readings, folder_of, is_past, past
from tiefen.insight.tables import TABLES
from tiefen.insight.window import USUAL_DAYS, Window
from tiefen.kit.clock import DAY_US, day_of
from tiefen.kit.settings import Settings
from tiefen.ledger.snapshot import Snapshot

Progress = Callable[[float, str, str], object]
"""(how much is done, 0…1; what is being done, in Chinese and in English)."""

KEPT = 2
"""The current reading and the one before it, which somebody may still be looking at."""
KEPT_OF_PAST = 24
"""Readings of past days, which can be made again at any time."""
QUIET_US = 3 * DAY_US
_ROW_GROUP = 20_000


def as_of_us(snapshot: Snapshot) -> int:
    """The instant that a reading tells of: now, unless nothing at all was heard for `QUIET_US`. Then it is the last thing
    heard, so that the log of a past year shows how its groups were and not that they have been silent since."""
    latest = snapshot.latest_us
    return snapshot.taken_us if latest is None or snapshot.taken_us - latest <= QUIET_US else latest


def read_everything(
    snapshot: Snapshot, settings: Settings, progress: Progress | None = None, *, as_of: date | None = None
) -> Reading:
    """Compute every table as of `as_of_us` and make them the corp's current reading.

    With `as_of`, a past day, they are told as of its end by what is known now, and kept beside the current reading.
    A reader sees the old reading or the new one, whole; a crash on the way leaves the old one.
    """
    if as_of is not None:
        then = as_it_was(snapshot, as_of)
        return _read(then, settings, progress, past(as_of), then.taken_us, until_us=then.taken_us + 1)
    return _read(snapshot, settings, progress, f"{snapshot.taken_us}-{snapshot.through}", as_of_us(snapshot))


def _read(
    snapshot: Snapshot, settings: Settings, progress: Progress | None, reading_id: str, as_of: int,
    *, until_us: int | None = None,
) -> Reading:  # fmt: skip
    began = time.monotonic()
    home = folder_of(settings, snapshot.corp_id)
    making = home / f".{reading_id}-{os.getpid()}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        with opened(snapshot, settings, keeping=True, until_us=until_us) as tables:
            if until_us is None:
                learn_talk(tables)
            _write_all(tables, Window.ending(day_of(as_of, snapshot.time_zone), USUAL_DAYS), making, progress)
        known = {
            "reading_id": reading_id,
            "as_of_us": as_of,
            "through": snapshot.through,
            "time_zone": snapshot.time_zone,
            "seconds": round(time.monotonic() - began, 3),
            "window_days": USUAL_DAYS,
        }
        _put(making / KNOWN, known)
        shutil.rmtree(home / reading_id, ignore_errors=True)
        making.replace(home / reading_id)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    if until_us is None:
        _put(home / CURRENT, known)
    _forget_old(home, reading_id)
    if progress is not None:
        progress(1.0, "完成", "Done")
    reading = Readings(settings).of(snapshot.corp_id, reading_id)
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


def _forget_old(home: Path, newest: str) -> None:
    """Keep the newest few of the present, and of past days; never one that is being made."""
    whole = [path for path in home.iterdir() if path.is_dir() and not path.name.startswith(".")]
    for of_past, kept in ((False, KEPT), (True, KEPT_OF_PAST)):
        some = sorted(
            (p for p in whole if is_past(p.name) == of_past), key=lambda p: (p.name == newest, p.stat().st_mtime)
        )
        for old in some[:-kept]:
            shutil.rmtree(old, ignore_errors=True)
