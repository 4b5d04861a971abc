"""Where questions are answered. Everything else speaks Ibis expressions over the tables given out here.

An `Engine` (`tiefen.insight.engines`) answers them: DuckDB in this process, or a Spark cluster. On either, people are already
mapped to whom they were merged with, and every fact has the `day` it fell on in the corp's time zone and its instant as a
plain number (`happened_us`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from tiefen.insight.engines.views import Scope
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.models.talk.model import model_path
from tiefen.insight.window import Window
from tiefen.kit.clock import from_us, start_of
from tiefen.kit.settings import Settings
from tiefen.ledger.snapshot import Snapshot

Kernel = Callable[[pa.Table], pa.Table]
"""Rows of one or more whole groups in, rows out."""


class Engine(Protocol):
    """What answers questions about one snapshot, for one thread."""

    def table(self, name: str) -> ir.Table:
        """A table by its name."""

    def keep(self, name: str, made: ir.Table) -> ir.Table:
        """Compute an expression once, and give out its rows under a name until the end."""

    def give(self, name: str, table: pa.Table) -> ir.Table:
        """Take in a table of ours."""

    def arrow(self, expression: ir.Table) -> pa.Table:
        """The answer to an expression."""

    def map_groups(self, name: str, rows: ir.Table, kernel: Kernel, schema: pa.Schema) -> ir.Table:
        """What a kernel says of the rows of each `group`, worked out where the rows are."""

    def raw(self, sql: str) -> pa.Table:
        """The answer to SQL of the engine's own."""

    def close(self) -> None:
        """Let go of everything."""


class Tables:
    """The tables of one snapshot, for one thread.

    `t["message_posted"]` is an Ibis table of facts, `t["stay"]`, `t["person"]`, `t["group"]`, `t["source"]`,
    `t["words"]` what was said, `t["advert_mark"]` and `t["person_of"]` (handle → person, merged ones only) are the small ones.
    """

    def __init__(self, snapshot: Snapshot, engine: Engine, *, keeping: bool, talk_model_path: Path) -> None:
        self.snapshot = snapshot
        self.talk_model_path = talk_model_path
        """Where what was learned from operators' marks is kept."""
        self._engine = engine
        self.keeping = keeping
        """Whether many questions are to come, so that what they share is worth keeping."""
        self._found: dict[str, ir.Table] = {}

    def __getitem__(self, name: str) -> ir.Table:
        if name not in self._found:
            self._found[name] = self._engine.table(name)
        return self._found[name]

    def kept(self, name: str, make: Callable[[], ir.Table]) -> ir.Table:
        """What `make` describes, under a name. Where many questions are to come it is computed once and kept until
        the tables are closed; for a single question it stays an expression, so that only what is needed is read."""
        name = f"kept_{name}"
        if name not in self._found:
            made = make()
            self._found[name] = self._engine.keep(name, made) if self.keeping else made
        return self._found[name]

    def within(self, table: ir.Table, window: Window) -> ir.Table:
        """The rows of a table of facts that fall within a window, found by their instant (files are skipped by it)."""
        return table.filter(table.happened_at >= self._instant(window.start), table.happened_at < self.ends(window))

    def until(self, table: ir.Table, window: Window) -> ir.Table:
        """The rows of a table of facts up to the end of a window."""
        return table.filter(table.happened_at < self.ends(window))

    def end_us(self, window: Window) -> int:
        """The instant at which a window is over, or that of the snapshot where that is earlier."""
        return min(start_of(window.after(), self.snapshot.time_zone), self.snapshot.taken_us)

    def end(self, window: Window) -> Any:
        """`end_us` as an expression. The moment of the snapshot is asked of a table, so that whatever is made of it is the same
        expression in the next reading."""
        over = start_of(window.after(), self.snapshot.time_zone)
        return ibis.literal(over) if over <= self.snapshot.taken_us else self._taken.us.as_scalar()

    def end_at(self, window: Window) -> Any:
        """The same as a timestamp."""
        over = start_of(window.after(), self.snapshot.time_zone)
        return ibis.literal(from_us(over)) if over <= self.snapshot.taken_us else self._taken.at.as_scalar()

    @cached_property
    def _taken(self) -> ir.Table:
        at = pa.array([from_us(self.snapshot.taken_us)], pa.timestamp("us", "UTC"))
        return self.given("taken", pa.table({"us": [self.snapshot.taken_us], "at": at}))

    def arrow(self, expression: ir.Table) -> pa.Table:
        """The answer to an expression."""
        return self._engine.arrow(expression)

    def given(self, name: str, table: pa.Table) -> ir.Table:
        """A table of ours, to be asked about like the others."""
        return self._engine.give(f"given_{name}", table)

    def mapped(self, name: str, rows: ir.Table, kernel: Kernel, schema: pa.Schema) -> ir.Table:
        """What a kernel says of `rows`, which have a `group`. It is given whole groups: all of them at once, or on a cluster
        one after the other and where they are, so it may not look from one group to another."""
        return self._engine.map_groups(f"mapped_{name}", rows, kernel, schema)

    def raw(self, sql: str) -> pa.Table:
        """Hand-written SQL of the engine's own, for measurements and for people who ask in it."""
        return self._engine.raw(sql)

    def ends(self, window: Window) -> Any:
        """The instant at which a window is over, as an expression."""
        return self._instant(window.after())

    def _instant(self, day: date) -> Any:
        return ibis.literal(from_us(start_of(day, self.snapshot.time_zone)))


@contextmanager
def opened(
    snapshot: Snapshot,
    settings: Settings,
    *,
    group: int | None = None,
    keeping: bool = False,
    until_us: int | None = None,
) -> Iterator[Tables]:
    """The tables of a snapshot, for as long as they are needed.

    With `group`, facts of other groups are left out (memberships are not: overlap needs them). With `keeping`, what
    many questions share is computed once. With `until_us`, only what happened before that instant is there, and who had
    come up by then (`tiefen.insight.past`).
    """
    scope = Scope(snapshot, group, until_us)
    engine = _on_spark(scope, settings) if settings.engine == "spark" else _in_process(scope, settings)
    try:
        at = model_path(settings.data, snapshot.corp_id)
        yield Tables(snapshot, engine, keeping=keeping, talk_model_path=at)
    finally:
        engine.close()


def _in_process(scope: Scope, settings: Settings) -> Engine:
    from tiefen.insight.engines.duckdb import DuckDB

    return DuckDB(scope, settings)


def _on_spark(scope: Scope, settings: Settings) -> Engine:
    from tiefen.insight.engines.spark import Spark

    return Spark(scope, settings)
