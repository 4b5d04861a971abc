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
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from tiefen.insight.engines.views import Scope
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.kernels.mapped import Kernel as GroupKernel
from tiefen.insight.models.life import learning as silences
from tiefen.insight.models.talk.model import model_path, models_of
from tiefen.insight.remembering import EVERYTHING, MODELS, TAKEN, Memory
from tiefen.insight.window import Window
from tiefen.kit.clock import day_of, from_us, start_of
from tiefen.kit.settings import Settings
from tiefen.ledger.snapshot import Snapshot

T = TypeVar("T")
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

    def __init__(
        self, snapshot: Snapshot, engine: Engine, *, keeping: bool, talk_model_path: Path, silence_path: Path,
        memory: Memory | None = None,
    ) -> None:  # fmt: skip
        self._snapshot = snapshot
        self._talk_model_path = talk_model_path
        self._silence_path = silence_path
        self._engine = engine
        self._memory = memory
        self.keeping = keeping
        """Whether many questions are to come, so that what they share is worth keeping."""
        self._found: dict[str, ir.Table] = {}
        self._held: dict[str, Any] = {}
        self._made_of: dict[str, set[str]] = {}
        self._noting: list[set[str]] = []

    @property
    def snapshot(self) -> Snapshot:
        """What they are the tables of. Whatever looks into it is made anew in every reading."""
        self.asks(EVERYTHING)
        return self._snapshot

    @property
    def time_zone(self) -> str:
        """Where the days of the corp begin."""
        return self._snapshot.time_zone

    @property
    def talk_model_path(self) -> Path:
        """Where what was learned from operators' marks is kept."""
        self.asks(MODELS)
        return self._talk_model_path

    @property
    def silence_path(self) -> Path:
        """Where the coefficients of falling silent are kept, as of the day these tables are of."""
        self.asks(MODELS)
        return self._silence_path

    @contextmanager
    def noting(self) -> Iterator[set[str]]:
        """What is asked for meanwhile (`tiefen.insight.remembering`), also by what was kept before and is used now."""
        asked: set[str] = set()
        self._noting.append(asked)
        try:
            yield asked
        finally:
            self._noting.pop()

    def asks(self, *names: str) -> None:
        """Note that these are asked for."""
        if self._noting:
            self._noting[-1].update(names)

    def __getitem__(self, name: str) -> ir.Table:
        self.asks(name)
        if name not in self._found:
            self._found[name] = self._engine.table(name)
        return self._found[name]

    def kept(self, name: str, make: Callable[[], ir.Table]) -> ir.Table:
        """What `make` describes, under a name. Where many questions are to come it is computed once and kept until
        the tables are closed; for a single question it stays an expression, so that only what is needed is read."""
        name = f"kept_{name}"

        def found() -> ir.Table:
            made = make()
            return self._engine.keep(name, made) if self.keeping else made

        return self._once(self._found, name, found)

    def by_month(self, name: str, facts: str, w: Window, make: Callable[[ir.Table], ir.Table]) -> ir.Table:
        """Like `kept`, for what every day of a table of facts says for itself. `make` is given the rows of some days, up to the end
        of the window, and gives rows of a `day` and a `person`; months of which nothing changed are not asked again."""
        memory, told = self._memory, f"{name}_{w.end:%Y%m%d}"
        if memory is None:
            return self.kept(told, lambda: make(self.until(self[facts], w)))

        def found() -> ir.Table:
            rows = self[facts]
            files = memory.by_month(name, facts, w, lambda month: make(self.within(rows, month)))
            return (
                memory.opened(f"kept_{told}", files)
                if files
                else self._engine.keep(f"kept_{told}", make(self.until(rows, w)))
            )

        return self._once(self._found, f"kept_{told}", found)

    def held(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, whatever it is, made once."""
        return self._once(self._held, name, make)

    def _once(self, known: dict[str, T], name: str, make: Callable[[], T]) -> T:
        if name not in known:
            with self.noting() as asked:
                known[name] = make()
            self._made_of[name] = asked
        self.asks(*self._made_of[name])
        return known[name]

    def within(self, table: ir.Table, window: Window) -> ir.Table:
        """The rows of a table of facts that fall within a window, found by their instant (files are skipped by it)."""
        return table.filter(table.happened_at >= self._instant(window.start), table.happened_at < self.ends(window))

    def until(self, table: ir.Table, window: Window) -> ir.Table:
        """The rows of a table of facts up to the end of a window."""
        return table.filter(table.happened_at < self.ends(window))

    def end_us(self, window: Window) -> int:
        """The instant at which a window is over, or that of the snapshot where that is earlier."""
        over = start_of(window.after(), self.time_zone)
        return self._snapshot.taken_us if self._under_way(over) else over

    def end(self, window: Window) -> Any:
        """`end_us` as an expression. The moment of the snapshot is asked of a table, so that whatever is made of it is the same
        expression in the next reading."""
        over = start_of(window.after(), self.time_zone)
        return self._taken.us.as_scalar() if self._under_way(over) else ibis.literal(over)

    def end_at(self, window: Window) -> Any:
        """The same as a timestamp."""
        over = start_of(window.after(), self.time_zone)
        return self._taken.at.as_scalar() if self._under_way(over) else ibis.literal(from_us(over))

    def _under_way(self, over_us: int) -> bool:
        """Whether a window that is over at an instant was not yet when the snapshot was taken; only then does that moment make a
        difference."""
        under_way = over_us > self._snapshot.taken_us
        if under_way:
            self.asks(TAKEN)
        return under_way

    @cached_property
    def _taken(self) -> ir.Table:
        at = pa.array([from_us(self._snapshot.taken_us)], pa.timestamp("us", "UTC"))
        return self.given("taken", pa.table({"us": [self._snapshot.taken_us], "at": at}))

    def arrow(self, expression: ir.Table) -> pa.Table:
        """The answer to an expression."""
        return self._engine.arrow(expression)

    def given(self, name: str, table: pa.Table) -> ir.Table:
        """A table of ours, to be asked about like the others."""
        return self._engine.give(f"given_{name}", table)

    def mapped(self, name: str, rows: ir.Table, kernel: Kernel, schema: pa.Schema) -> ir.Table:
        """What a kernel says of `rows`, which have a `group`. It is given whole groups: all of them at once, or on a cluster
        one after the other and where they are, so it may not look from one group to another."""
        if self._memory is not None and isinstance(kernel, GroupKernel):
            return self._memory.mapped(f"mapped_{name}", rows, kernel)
        return self._engine.map_groups(f"mapped_{name}", rows, kernel, schema)

    def raw(self, sql: str) -> pa.Table:
        """Hand-written SQL of the engine's own, for measurements and for people who ask in it."""
        self.asks(EVERYTHING)
        return self._engine.raw(sql)

    def ends(self, window: Window) -> Any:
        """The instant at which a window is over, as an expression."""
        return self._instant(window.after())

    def _instant(self, day: date) -> Any:
        return ibis.literal(from_us(start_of(day, self.time_zone)))


@contextmanager
def opened(
    snapshot: Snapshot,
    settings: Settings,
    *,
    group: int | None = None,
    keeping: bool = False,
    until_us: int | None = None,
    memory: Path | None = None,
) -> Iterator[Tables]:
    """The tables of a snapshot, for as long as they are needed.

    With `group`, facts of other groups are left out (memberships are not: overlap needs them). With `keeping`, what
    many questions share is computed once. With `until_us`, only what happened before that instant is there, and who had
    come up by then (`tiefen.insight.past`). `memory` is the folder of what was made before (`tiefen.insight.remembering`).
    """
    scope = Scope(snapshot, group, until_us)
    models = models_of(settings.data, snapshot.corp_id)
    past = None if until_us is None else day_of(until_us - 1, snapshot.time_zone)
    remembers = None
    if settings.engine == "spark":
        engine = _on_spark(scope, settings)
    else:
        from tiefen.insight.engines.duckdb import DuckDB

        engine = here = DuckDB(scope, settings)
        if memory is not None:
            remembers = Memory(memory, snapshot, here)
    try:
        talk, silence = model_path(settings.data, snapshot.corp_id), silences.model_path(models, past)
        yield Tables(snapshot, engine, keeping=keeping, talk_model_path=talk, silence_path=silence, memory=remembers)
        if remembers is not None:
            remembers.tidy()
    finally:
        engine.close()


def _on_spark(scope: Scope, settings: Settings) -> Engine:
    from tiefen.insight.engines.spark import Spark

    return Spark(scope, settings)
