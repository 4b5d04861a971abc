"""The same questions, asked of both engines, and where the answers differ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from tiefen.insight.engine import Tables, opened
from tiefen.insight.reading import as_of_us
from tiefen.insight.window import USUAL_DAYS, Window
from tiefen.kit.clock import day_of
from tiefen.kit.settings import Settings
from tiefen.ledger.snapshot import Snapshot

_CLOSE = 1e-9


@dataclass
class Both:
    """One snapshot, opened here and on the cluster."""

    here: Tables
    there: Tables
    window: Window
    made: dict[str, pa.Table] = field(default_factory=dict)
    """The tables of a reading, as made here."""

    def table(self, name: str) -> pa.Table:
        """A table of the reading, made here with those before it."""
        from tiefen.insight.tables import TABLES

        for table in TABLES:
            if table.name not in self.made:
                answer = table.of(self.here, self.window, self.made)
                rows = answer if isinstance(answer, pa.Table) else self.here.arrow(answer)
                self.made[table.name] = (
                    rows.sort_by([(c, "ascending") for c in table.sorted_by]) if table.sorted_by else rows
                )
            if table.name == name:
                return self.made[name]
        raise KeyError(name)


@contextmanager
def both_of(snapshot: Snapshot, settings: Settings, cluster: str) -> Iterator[Both]:
    """Both engines over a snapshot, as of the day that a reading would tell of."""
    distant = settings.model_copy(update={"engine": "spark", "spark_url": cluster})
    with opened(snapshot, settings, keeping=True) as here, opened(snapshot, distant, keeping=True) as there:
        yield Both(here, there, Window.ending(day_of(as_of_us(snapshot), snapshot.time_zone), USUAL_DAYS))


def differences(ours: pa.Table, theirs: pa.Table, keys: list[str], most: int = 5) -> list[str]:
    """Where two tables differ, cell by cell, floats to 1e-9 of themselves; empty where they are the same."""
    if ours.schema.names != theirs.schema.names:
        return [f"columns: {ours.schema.names} and {theirs.schema.names}"]
    if ours.num_rows != theirs.num_rows:
        return [f"rows: {ours.num_rows} and {theirs.num_rows}"]
    order = [(key, "ascending") for key in keys]
    mine, other = ours.sort_by(order).to_pydict(), theirs.sort_by(order).to_pydict()
    found = []
    for name in ours.schema.names:
        for row, (a, b) in enumerate(zip(mine[name], other[name], strict=True)):
            if not same(a, b):
                who = {key: mine[key][row] for key in keys}
                found.append(f"{name} of {who}: {a!r} and {b!r}")
                if len(found) >= most:
                    return found
    return found


def same(a: Any, b: Any) -> bool:
    """Whether two cells are alike."""
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=_CLOSE)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)
