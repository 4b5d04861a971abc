"""Public data sets, brought in as somebody would who accepts what the preview shows; and who is who in them afterwards.

The data lie beside the project and are never part of it (`../shared/data`, or where TIEFEN_REAL_DATA says). Where the
folder is absent, the tests that need it say so and are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from tiefen.insight.catalogue import metrics_per
from tiefen.insight.engine import Tables, opened
from tiefen.insight.metric import Per
from tiefen.insight.reading import read_everything
from tiefen.insight.readings import Reading
from tiefen.insight.window import Window
from tiefen.intake.files import importer
from tiefen.intake.files.importer import ImportResult
from tiefen.intake.files.preview import Preview
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import fact_counts, groups, handles, people, rejects, sources, stays
from tiefen.ledger.snapshot import Snapshot

CORP = "real"
DATA = Path(os.environ.get("TIEFEN_REAL_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")

Number = tuple[float, float]
"""The part and the whole of a metric."""


def file_of(name: str) -> Path:
    """The Parquet file of a data set."""
    if not DATA.is_dir():
        pytest.skip(f"the folder of public data sets is not there: {DATA}")
    return DATA / f"{name}.parquet"


def frame_of(name: str, zone: str = "UTC") -> pd.DataFrame:
    """A data set as it stands in its file, with the `day` each row fell on in a zone where it has an instant."""
    return with_days(pd.read_parquet(file_of(name)), zone)


def with_days(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    """The frame with `day` and `us` (microseconds) beside `ts`, where it has that."""
    if "ts" in frame.columns:
        frame["day"] = frame.ts.dt.tz_convert(zone).dt.date
        frame["us"] = frame.ts.dt.as_unit("us").astype("int64")
    return frame


@dataclass
class Brought:
    """A data set in a ledger of its own."""

    ledger: Ledger
    path: Path
    preview: Preview
    result: ImportResult
    mapping: Mapping[str, Any] | None

    def again(self) -> ImportResult:
        """Import the same file once more."""
        return _import(self.ledger, self.path, self.mapping)[1]

    def kept(self) -> dict[str, int]:
        """How much is kept of everything that an import could add to."""
        with self.ledger.read() as connection:
            counts = {
                table.name: int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
                for table in (people, handles, groups, stays, sources)
            }
            kinds = connection.execute(sa.select(fact_counts.c.kind, fact_counts.c.facts)).all()
        return counts | {kind: int(facts) for kind, facts in kinds}

    def rejected(self) -> dict[str, int]:
        """How many rows were rejected, by the code of why."""
        asked = sa.select(rejects.c.code, sa.func.count()).group_by(rejects.c.code)
        with self.ledger.read() as connection:
            return {code: int(count) for code, count in connection.execute(asked)}

    @cached_property
    def snapshot(self) -> Snapshot:
        self.ledger.flush()
        return self.ledger.snapshot(CORP)

    @cached_property
    def reading(self) -> Reading:
        return read_everything(self.snapshot, self.ledger.settings)

    @cached_property
    def groups(self) -> dict[int, str]:
        """group number → its id in the file."""
        return self._names(groups.c.group_id, groups.c.outer_id)

    @cached_property
    def people(self) -> dict[int, str]:
        """person number → the id in the file; nobody is merged in these."""
        return self._names(handles.c.person_id, handles.c.id_value)

    @cached_property
    def sources(self) -> dict[int, str]:
        """source number → its name."""
        return self._names(sources.c.source_id, sources.c.name)

    def _names(self, number: sa.Column[Any], name: sa.Column[Any]) -> dict[int, str]:
        with self.ledger.read() as connection:
            return {int(n): str(called) for n, called in connection.execute(sa.select(number, name))}

    @contextmanager
    def tables(self) -> Iterator[Tables]:
        """The tables of insight, kept between many questions as in a reading."""
        with opened(self.snapshot, self.ledger.settings, keeping=True) as tables:
            yield tables

    def numbers(self, tables: Tables, per: Per, window: Window) -> dict[str, dict[str, Number]]:
        """Every metric about groups, people or sources over a window: metric → id in the file → (part, whole)."""
        names = {"group": self.groups, "person": self.people, "source": self.sources}[per]
        found: dict[str, dict[str, Number]] = {}
        for metric in metrics_per(per):
            rows = tables.arrow(metric.of(tables, window)).to_pylist()
            found[metric.key] = {names[row[per]]: (float(row["part"]), float(row["whole"])) for row in rows}
        return found

    def named(self, table: pa.Table) -> pd.DataFrame:
        """A table of insight with the ids of the file in place of our numbers."""
        frame: pd.DataFrame = table.to_pandas()
        for column, names in (("group", self.groups), ("a", self.groups), ("b", self.groups), ("person", self.people)):
            if column in frame.columns:
                frame[column] = frame[column].map(names)
        return frame


@contextmanager
def brought(
    folder: Path, name: str | Path, *, zone: str = "UTC", mapping: Mapping[str, Any] | None = None
) -> Iterator[Brought]:
    """A data set (or a file), previewed and imported; with `mapping` as somebody corrected the preview."""
    path = file_of(name) if isinstance(name, str) else name
    given: dict[str, Any] = {"data": folder, "time_zone": zone}
    with Ledger.open(Settings(**given)) as ledger:
        ledger.ensure_corp(CORP, name="Real")
        preview, result = _import(ledger, path, mapping)
        yield Brought(ledger, path, preview, result, mapping)


def _import(ledger: Ledger, path: Path, mapping: Mapping[str, Any] | None) -> tuple[Preview, ImportResult]:
    import_id = importer.create(ledger, CORP, path, mapping=mapping)
    preview = importer.preview(ledger, import_id)
    importer.queue(ledger, import_id)
    return preview, importer.run(ledger, import_id)


def is_same(ours: Mapping[str, Number], theirs: Mapping[str, Number]) -> list[tuple[str, Number | None, Number | None]]:
    """Where two answers differ: (whom about, ours, theirs). Empty where they are the same, as it should be."""
    return [
        (key, ours.get(key), theirs.get(key))
        for key in sorted({*ours, *theirs})
        if key not in ours or key not in theirs or ours[key] != pytest.approx(theirs[key], rel=1e-9, abs=1e-6)
    ]


def midnight(day: date, zone: str) -> pd.Timestamp:
    """When a day begins in a zone, by pandas; where that hour does not exist, when the next one does."""
    return pd.Timestamp(day).tz_localize(zone, nonexistent="shift_forward")


def last_days(day: date, days: int = 30) -> Window:
    return Window.ending(day, days)
