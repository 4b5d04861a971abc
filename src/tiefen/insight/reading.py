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
from tiefen.insight.models.talk.model import models_of
from tiefen.insight.past import as_it_was
from tiefen.insight.readings import CURRENT, KNOWN, Reading, Readings, folder_of, is_past, past
from tiefen.insight.remembering import Before, Made, Prints, code, remembered
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
_REMEMBERED = ".remembered"
QUIET_US = 3 * DAY_US
_ROW_GROUP = 20_000


def as_of_us(snapshot: Snapshot) -> int:
    """The instant that a reading tells of: now, unless nothing at all was heard for `QUIET_US`. Then it is the last thing
    heard, so that the log of a past year shows how its groups were and not that they have been silent since."""
    latest = snapshot.latest_us
    return snapshot.taken_us if latest is None or snapshot.taken_us - latest <= QUIET_US else latest


def read_everything(
    snapshot: Snapshot,
    settings: Settings,
    progress: Progress | None = None,
    *,
    as_of: date | None = None,
    anew: bool = False,
) -> Reading:
    """Compute every table as of `as_of_us` and make them the corp's current reading.

    With `as_of`, a past day, they are told as of its end by what is known now, and kept beside the current reading.
    A reader sees the old reading or the new one, whole; a crash on the way leaves the old one. What was made of the same before
    is taken over (`tiefen.insight.remembering`), unless all is to be made `anew`.
    """
    if as_of is not None:
        then = as_it_was(snapshot, as_of)
        return _read(then, settings, progress, past(as_of), then.taken_us, until_us=then.taken_us + 1)
    home = folder_of(settings, snapshot.corp_id)
    if anew:
        shutil.rmtree(home / _REMEMBERED, ignore_errors=True)
    with remembered(home / _REMEMBERED) as memory:
        reading_id = f"{snapshot.taken_us}-{snapshot.through}"
        return _read(snapshot, settings, progress, reading_id, as_of_us(snapshot), memory=memory, anew=anew)


def _read(
    snapshot: Snapshot, settings: Settings, progress: Progress | None, reading_id: str, as_of: int,
    *, until_us: int | None = None, memory: Path | None = None, anew: bool = False,
) -> Reading:  # fmt: skip
    began = time.monotonic()
    home = folder_of(settings, snapshot.corp_id)
    making = home / f".{reading_id}-{os.getpid()}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        window = Window.ending(day_of(as_of, snapshot.time_zone), USUAL_DAYS)
        usual = (code(), settings.engine, snapshot.time_zone, snapshot.currency, str(window))
        before = Before(None if anew or until_us is not None else _current(home), usual)
        with opened(snapshot, settings, keeping=True, until_us=until_us, memory=memory) as tables:
            if until_us is None:
                learn_talk(tables)
            prints = Prints(snapshot, models_of(settings.data, snapshot.corp_id), making)
            _write_all(tables, window, making, before, prints, progress)
        before.write(making)
        known = {
            "reading_id": reading_id,
            "as_of_us": as_of,
            "through": snapshot.through,
            "time_zone": snapshot.time_zone,
            "seconds": round(time.monotonic() - began, 3),
            "window_days": USUAL_DAYS,
            "taken_over": len(before.taken_over()),
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


def _write_all(
    tables: Tables, window: Window, folder: Path, before: Before, prints: Prints, progress: Progress | None
) -> None:
    made = Made(folder, tables.asks)
    for number, table in enumerate(TABLES):
        if progress is not None:
            progress(number / len(TABLES), table.zh, table.en)
        path = folder / f"{table.name}.parquet"
        if before.take_over(table.name, prints, path):
            made.put(table.name, None)
            continue
        with tables.noting() as asked:
            answer = table.of(tables, window, made)
            rows = answer if isinstance(answer, pa.Table) else tables.arrow(answer)
        if table.sorted_by:
            rows = rows.sort_by([(column, "ascending") for column in table.sorted_by])
        made.put(table.name, rows)
        pq.write_table(rows, path, compression="zstd", row_group_size=_ROW_GROUP, use_dictionary=True)
        before.note(table.name, asked, prints)


def _current(home: Path) -> Path | None:
    """The folder of the reading that stands now."""
    try:
        return home / str(json.loads((home / CURRENT).read_text("utf-8"))["reading_id"])
    except FileNotFoundError:
        return None


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
