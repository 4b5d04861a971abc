"""The readings that were made: finding the current one and asking it."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tiefen.insight.window import Window
from tiefen.kit.clock import day_of, from_us
from tiefen.kit.settings import Settings

if TYPE_CHECKING:
    from tiefen.ledger.ledger import Ledger

CURRENT = "current.json"
KNOWN = "reading.json"
"""What is known of a reading, in its own folder."""
_PAST = "day-"
_PAST_OPEN = 4
"""So many readings of past days are held open."""
_IN_MEMORY_ROWS = 300_000
"""Tables up to this many rows are held in memory; larger ones are read from their files, a few row groups at a time."""


def folder_of(settings: Settings, corp_id: str) -> Path:
    """Where the readings of a corp are."""
    return settings.data / "readings" / corp_id


def past(day: date) -> str:
    """What the reading of a past day is called."""
    return f"{_PAST}{day:%Y-%m-%d}"


def is_past(reading_id: str) -> bool:
    """Whether a reading is that of a past day."""
    return reading_id.startswith(_PAST)


@dataclass(frozen=True)
class Reading:
    """The whole catalogue as it stood at one moment. Safe to ask from many threads."""

    corp_id: str
    reading_id: str
    as_of_us: int
    through: int
    """The highest `seq` of a fact that is in it."""
    time_zone: str
    seconds: float
    """How long it took to make."""
    window_days: int
    folder: Path
    _connection: Any = field(repr=False, compare=False)

    @property
    def as_of(self) -> datetime:
        return from_us(self.as_of_us)

    @property
    def day(self) -> date:
        """The day it is as of, in the corp's zone."""
        return day_of(self.as_of_us, self.time_zone)

    @property
    def window(self) -> Window:
        """The days its numbers look at."""
        return Window.ending(self.day, self.window_days)

    def stale(self, ledger: Ledger) -> bool:
        """Whether facts came since."""
        return ledger.last_seq() > self.through

    def sql(self, question: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """Answer a SELECT over the tables of this reading; `?` stands for a parameter."""
        return self._connection.cursor().sql(question, params=list(parameters)).to_arrow_table()

    def table(self, name: str) -> pa.Table:
        """One table, whole."""
        return pq.read_table(self.folder / f"{name}.parquet")


class Readings:
    """The readings of a data folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._open: dict[str, Reading] = {}
        self._past: OrderedDict[tuple[str, str, float], Reading] = OrderedDict()

    def current(self, corp_id: str) -> Reading | None:
        """The newest whole reading of a corp, or None where there has been none."""
        folder = folder_of(self._settings, corp_id)
        try:
            known = json.loads((folder / CURRENT).read_text("utf-8"))
        except FileNotFoundError:
            return None
        with self._lock:
            reading = self._open.get(corp_id)
            if reading is None or reading.reading_id != known["reading_id"] or reading.seconds != known["seconds"]:
                reading = self._open[corp_id] = _opened(corp_id, folder / known["reading_id"], known)
            return reading

    def of(self, corp_id: str, reading_id: str) -> Reading | None:
        """A reading by what it is called, or None where it is not there (any more)."""
        folder = folder_of(self._settings, corp_id) / reading_id
        try:
            return _opened(corp_id, folder, json.loads((folder / KNOWN).read_text("utf-8")))
        except FileNotFoundError:
            return None

    def as_of(self, corp_id: str, day: date) -> Reading | None:
        """The reading of a past day, where one was made."""
        folder = folder_of(self._settings, corp_id) / past(day)
        try:
            made = (folder / KNOWN).stat().st_mtime
        except FileNotFoundError:
            return None
        key = (corp_id, folder.name, made)
        with self._lock:
            if key not in self._past:
                reading = self.of(corp_id, folder.name)
                if reading is None:
                    return None
                self._past[key] = reading
                while len(self._past) > _PAST_OPEN:
                    self._past.popitem(last=False)
            self._past.move_to_end(key)
            return self._past[key]


def _opened(corp_id: str, folder: Path, known: dict[str, Any]) -> Reading:
    import duckdb  # takes a while, and a start needs none of it

    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    connection.execute("SET TimeZone = 'UTC'")
    for file in sorted(folder.glob("*.parquet")):
        small = pq.ParquetFile(file).metadata.num_rows <= _IN_MEMORY_ROWS
        path = str(file).replace("'", "''")
        kind = "TABLE" if small else "VIEW"
        connection.execute(f"CREATE {kind} \"{file.stem}\" AS SELECT * FROM read_parquet('{path}')")
    return Reading(
        corp_id, known["reading_id"], known["as_of_us"], known["through"], known["time_zone"], known["seconds"],
        known["window_days"], folder, connection,
    )  # fmt: skip
