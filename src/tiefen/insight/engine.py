"""Where questions are answered: the one module that knows the engine (Ibis on DuckDB, in process).

Everything else speaks Ibis expressions over the tables given out here. People are already mapped to whom they were
merged with, every fact has the `day` it fell on in the corp's time zone and its instant as a plain number
(`happened_us`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from tiefen.insight.expressions import ibis, ir
from tiefen.insight.models import advert_model
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US, SECOND_US, from_us, offsets, start_of
from tiefen.kit.settings import Settings
from tiefen.ledger.lake import KIND_OF, WORDS, body_columns, schema_of
from tiefen.ledger.snapshot import Snapshot

_ibis_import = threading.Lock()


class Tables:
    """The tables of one snapshot, for one thread.

    `t["message_posted"]` is an Ibis table of facts, `t["stay"]`, `t["person"]`, `t["group"]`, `t["source"]`,
    `t["words"]` what was said, `t["advert_mark"]` and `t["person_of"]` (handle → person, merged ones only) are the small ones.
    """

    def __init__(self, snapshot: Snapshot, backend: Any, *, keeping: bool, advert_model_path: Path) -> None:
        self.snapshot = snapshot
        self.advert_model_path = advert_model_path
        """Where what was learned from operators' marks is kept."""
        self._backend = backend
        self.keeping = keeping
        """Whether many questions are to come, so that what they share is worth keeping."""
        self._found: dict[str, ir.Table] = {}

    def __getitem__(self, name: str) -> ir.Table:
        if name not in self._found:
            self._found[name] = self._backend.table(name)
        return self._found[name]

    def kept(self, name: str, make: Callable[[], ir.Table]) -> ir.Table:
        """What `make` describes, under a name. Where many questions are to come it is computed once and kept until
        the tables are closed; for a single question it stays an expression, so that only what is needed is read."""
        name = f"kept_{name}"
        if name not in self._found:
            made = make()
            self._found[name] = self._backend.create_table(name, made, temp=True) if self.keeping else made
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

    def arrow(self, expression: ir.Table) -> pa.Table:
        """The answer to an expression."""
        return self._backend.to_pyarrow(expression)

    def given(self, name: str, table: pa.Table) -> ir.Table:
        """A table of ours, to be asked about like the others."""
        self._backend.con.register(f"given_{name}", table)
        return self._backend.table(f"given_{name}")

    def raw(self, sql: str) -> pa.Table:
        """Hand-written SQL, for measurements and for people who ask in it."""
        return self._backend.con.sql(sql).to_arrow_table()

    def ends(self, window: Window) -> Any:
        """The instant at which a window is over, as an expression."""
        return self._instant(window.after())

    def _instant(self, day: date) -> Any:
        return ibis.literal(from_us(start_of(day, self.snapshot.time_zone)))


@contextmanager
def opened(
    snapshot: Snapshot, settings: Settings, *, group: int | None = None, keeping: bool = False
) -> Iterator[Tables]:
    """The tables of a snapshot, for as long as they are needed.

    With `group`, facts of other groups are left out (memberships are not: overlap needs them). With `keeping`, what
    many questions share is computed once.
    """
    import duckdb  # takes a while, and a start needs none of it

    connection = duckdb.connect(config=_config(settings))
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        for name, table in snapshot.rows.items():
            connection.register(f"row_{name}", table)
        for name in (*KIND_OF, WORDS):
            connection.register(f"tail_{name}", snapshot.tail[name])
            connection.execute(f"CREATE TEMP VIEW {name} AS {_view(snapshot, name, group)}")
        for name, sql in _SMALL.items():
            connection.execute(f'CREATE TEMP VIEW "{name}" AS {sql}')
        connection.execute(f"CREATE TEMP VIEW stay AS {_stay(snapshot)}")
        with _ibis_import:
            backend = ibis.duckdb.from_connection(connection)
        at = advert_model.model_path(settings.data, snapshot.corp_id)
        yield Tables(snapshot, backend, keeping=keeping, advert_model_path=at)
    finally:
        connection.close()


def _config(settings: Settings) -> dict[str, Any]:
    scratch = settings.data / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    config: dict[str, Any] = {
        "memory_limit": f"{settings.lake_memory_mb}MB",
        "temp_directory": str(scratch),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if settings.lake_threads:
        config["threads"] = settings.lake_threads
    return config


def _view(snapshot: Snapshot, name: str, group: int | None) -> str:
    """One table of facts: the lake's files and the store's tail, people mapped, days reckoned."""
    columns = [field.name for field in schema_of(name) if field.name not in {"month", "corp_id"}]
    listed = ", ".join(f'"{column}"' for column in columns)
    only = f'"group" = {int(group)}' if group is not None and "group" in columns else "true"
    parts = [f"SELECT {listed} FROM tail_{name} WHERE {only}"]
    if snapshot.files.get(name):
        files = ", ".join("'" + file.removeprefix("file://").replace("'", "''") + "'" for file in snapshot.files[name])
        corp = snapshot.corp_id.replace("'", "''")
        parts.append(
            f"SELECT {listed} FROM read_parquet([{files}], hive_partitioning = false)"
            f" WHERE corp_id = '{corp}' AND {only}"
        )
    facts = " UNION ALL ".join(parts)
    people = _people_of(name) if snapshot.rows["merge"].num_rows else []
    chosen = [f'COALESCE(m_{c}.person, f."{c}") AS "{c}"' if c in people else f'f."{c}"' for c in columns]
    joins = "".join(f' LEFT JOIN row_merge AS m_{c} ON m_{c}.handle = f."{c}"' for c in people)
    added = f"epoch_us(f.happened_at) AS happened_us, {_day(snapshot, 'f.happened_at')} AS day"
    return f"SELECT {', '.join(chosen)}, {added} FROM ({facts}) AS f{joins}"


def _people_of(name: str) -> list[str]:
    if name == WORDS:
        return ["member"]
    return [column.name for column in body_columns(name) if column.ref == "person" and not column.many]


def _day(snapshot: Snapshot, column: str) -> str:
    """The day in the corp's zone on which an instant falls: one addition for each stretch of constant offset."""
    first = min(snapshot.first_us if snapshot.first_us is not None else snapshot.taken_us, snapshot.taken_us)
    last = max(snapshot.taken_us, snapshot.last_us or 0)
    stretches = offsets(snapshot.time_zone, first - DAY_US, last + DAY_US)
    shift = str(stretches[0][1] * SECOND_US)
    if len(stretches) > 1:
        cases = " ".join(
            f"WHEN epoch_us({column}) >= {start} THEN {seconds * SECOND_US}"
            for start, seconds in reversed(stretches[1:])
        )
        shift = f"CASE {cases} ELSE {shift} END"
    return f"CAST(make_timestamp(epoch_us({column}) + {shift}) AS DATE)"


def _stay(snapshot: Snapshot) -> str:
    return f"""SELECT s.stay_id, s."group", COALESCE(m.person, s.member) AS person, s.joined_at, s.left_at,
        {_day(snapshot, "s.joined_at")} AS joined_on, {_day(snapshot, "s.left_at")} AS left_on,
        s.join_known, s.left_known, s.via, s.how, COALESCE(i.person, s.invited_by) AS invited_by
        FROM row_stay AS s LEFT JOIN row_merge AS m ON m.handle = s.member
        LEFT JOIN row_merge AS i ON i.handle = s.invited_by"""


_SMALL = {
    "person": "SELECT * FROM row_person",
    "group": "SELECT * FROM row_group",
    "source": "SELECT * FROM row_source",
    "advert_mark": "SELECT * FROM row_advert_mark",
    "person_of": "SELECT * FROM row_merge",
}

_ALLOWED = re.compile(r"^\s*(select|with|from|describe|show|summarize|values)\b", re.IGNORECASE)


def query(snapshot: Snapshot, settings: Settings, sql: str) -> pa.Table:
    """Answer a question in SQL over the tables, read-only; what cannot be answered is a ValueError in words.

    Files, networks and settings are out of reach: the question is asked where only the tables are.
    """
    asked = sql.rstrip().rstrip(";")
    if not _ALLOWED.match(asked) or ";" in asked:
        raise ValueError("One SELECT, please.")
    import duckdb

    files = sorted({file.removeprefix("file://") for some in snapshot.files.values() for file in some})
    with opened(snapshot, settings) as tables:
        connection = tables._backend.con
        try:
            connection.execute(f"SET allowed_paths = {files!r}" if files else "SELECT 1")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            return connection.sql(asked).to_arrow_table()
        except duckdb.Error as error:
            raise ValueError(str(error).split("\n\n")[0]) from error
