"""记性 — what was made of the same is not made again.

A table of a reading is made of facts, of small tables and of tables made before it, all of which it asks `Tables` for; so what
it was made of can be noted, and its rows are taken over from the reading before where all of that is the same. What every day
says for itself is kept month by month (`Memory.by_month`), and what a kernel says of a group by the rows of that group
(`Memory.mapped`). All of it is told by digests of contents, the code that made it included: a reading with a memory says what one
without says, which `tests/insight/test_remembering.py` holds it to. To lose the folder costs one slow reading.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import tiefen
from tiefen.insight.engines import views
from tiefen.insight.kernels.mapped import PARTITION, Kernel
from tiefen.insight.window import Window
from tiefen.kit.clock import day_of, start_of
from tiefen.ledger.snapshot import Snapshot

if TYPE_CHECKING:
    from tiefen.insight.engines.duckdb import DuckDB
    from tiefen.insight.expressions import ir

MADE_OF = "made_of.json"
"""In the folder of a reading: of what each of its tables was made."""
TAKEN, MODELS, EVERYTHING, MADE = "taken", "models", "everything", "made:"
"""What can be asked for beside tables of the snapshot: its moment, what was learned from marks and lives, all of it, and a table
of the same reading by its name."""
_MOST_MONTHS = 600
_MONTH = re.compile(r"month=(\d{4})-(\d\d)/")
_MERGES, _LOCK = "merges.parquet", "lock"
_DIGESTS = b"digests"
"""In a file of what a kernel said: the digest of each group's rows."""
_BY = ("duckdb", "networkit", "numpy", "pyarrow", "scikit-learn", "scipy")
"""Besides our own code, what readings are made by."""


@cache
def code() -> str:
    """A digest of everything that readings are made by."""
    home = Path(tiefen.__file__).parent
    digest = blake2b(" ".join(map(version, _BY)).encode(), digest_size=16)
    for package in ("insight", "kit", "ledger"):
        for file in sorted((home / package).rglob("*")):
            if file.suffix in {".py", ".npz", ".json"}:
                digest.update(file.read_bytes())
    return digest.hexdigest()


class Prints:
    """Digests of what tables are made of, as a snapshot has it."""

    def __init__(self, snapshot: Snapshot, models: Path, reading: Path) -> None:
        self._snapshot, self._models, self._reading = snapshot, models, reading
        self._known: dict[str, str] = {}

    def of(self, asked: str) -> str:
        """The digest of one thing that was asked for. Models are looked at anew each time: tables may learn."""
        if asked == MODELS:
            files = sorted(self._models.iterdir()) if self._models.is_dir() else []
            return _digest(*(_of_file(file) for file in files if file.is_file()))
        if asked not in self._known:
            self._known[asked] = self._print(asked)
        return self._known[asked]

    def _print(self, asked: str) -> str:
        snapshot = self._snapshot
        if asked == TAKEN:
            return str(snapshot.taken_us)
        if asked.startswith(MADE):
            return _of_file(self._reading / f"{asked.removeprefix(MADE)}.parquet")
        if asked == EVERYTHING:
            return _digest(*(self.of(one) for one in (*views.FACTS, "stay", *views.SMALL, TAKEN)))
        if asked in views.FACTS:
            tail = snapshot.tail[asked]
            newest = pc.max(tail["seq"]).as_py() if tail.num_rows else 0
            parts = [*sorted(snapshot.files.get(asked, ())), str(tail.num_rows), str(newest)]
            return _digest(*parts, self._rows("merge") if views.people_of(asked) else "")
        if asked == "stay":
            return _digest(self._rows("stay"), self._rows("merge"))
        return self._rows(views.SMALL[asked])

    def _rows(self, name: str) -> str:
        key = f"rows:{name}"
        if key not in self._known:
            self._known[key] = _of_rows(self._snapshot.rows[name])
        return self._known[key]


class Before:
    """What the tables of the reading before were made of. Without one, nothing is taken over."""

    def __init__(self, folder: Path | None, usual: tuple[str, ...]) -> None:
        self._folder, self._usual = folder, usual
        known: dict[str, Any] = {}
        if folder is not None and (folder / MADE_OF).exists():
            known = json.loads((folder / MADE_OF).read_text("utf-8"))
        self._tables: dict[str, dict[str, Any]] = known.get("tables", {}) if known.get("usual") == list(usual) else {}
        self._now: dict[str, dict[str, Any]] = {}

    def take_over(self, name: str, prints: Prints, to: Path) -> bool:
        """Put the file of a table to `to`, if all it was made of is as it was."""
        one = self._tables.get(name)
        if one is None or self._folder is None or _digest(*(prints.of(some) for some in one["asked"])) != one["digest"]:
            return False
        file = self._folder / f"{name}.parquet"
        try:
            os.link(file, to)
        except FileNotFoundError:
            return False
        except OSError:
            shutil.copyfile(file, to)
        self._now[name] = one
        return True

    def note(self, name: str, asked: set[str], prints: Prints) -> None:
        """Note what a table was made of."""
        names = sorted(asked)
        self._now[name] = {"asked": names, "digest": _digest(*(prints.of(some) for some in names))}

    def taken_over(self) -> list[str]:
        """The tables that were not made again."""
        return [name for name, one in self._now.items() if one is self._tables.get(name)]

    def write(self, folder: Path) -> None:
        """Keep the notes with the reading they are of."""
        (folder / MADE_OF).write_text(json.dumps({"usual": list(self._usual), "tables": self._now}), "utf-8")


class Made(Mapping[str, pa.Table]):
    """The tables of a reading made so far; one that was taken over is read when somebody asks for it."""

    def __init__(self, folder: Path, asks: Callable[[str], object]) -> None:
        self._folder, self._asks = folder, asks
        self._tables: dict[str, pa.Table | None] = {}

    def put(self, name: str, rows: pa.Table | None) -> None:
        """A table was made, or taken over."""
        self._tables[name] = rows

    def __getitem__(self, name: str) -> pa.Table:
        rows = self._tables[name]
        if rows is None:
            rows = self._tables[name] = pq.read_table(self._folder / f"{name}.parquet")
        self._asks(f"{MADE}{name}")
        return rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


class Memory:
    """What is kept of one corp beside its readings, while one is being made. Only DuckDB's: a cluster sees no files of ours."""

    def __init__(self, folder: Path, snapshot: Snapshot, engine: DuckDB) -> None:
        self._folder, self._snapshot, self._engine = folder, snapshot, engine
        self._used: set[str] = set()
        self._forget_merged()

    # ---- months ----

    def by_month(self, name: str, facts: str, w: Window, make: Callable[[Window], ir.Table]) -> list[Path]:
        """The files of what `make` says of the days of a table of facts up to the end of a window; none where they are too many."""
        return [self._month(name, facts, month, make) for month in self._months(w)]

    def opened(self, name: str, files: list[Path]) -> ir.Table:
        """The rows of such files, under a name."""
        return self._engine.read_files(name, files)

    def _months(self, w: Window) -> list[Window]:
        first_us = self._snapshot.first_us
        first = w.end if first_us is None else min(day_of(first_us, self._snapshot.time_zone), w.end)
        if 12 * (w.end.year - first.year) > _MOST_MONTHS:
            return []
        found, start = [], first.replace(day=1)
        while start <= w.end:
            after = (start + timedelta(days=32)).replace(day=1)
            found.append(Window(start, min(after - timedelta(days=1), w.end)))
            start = after
        return found

    def _month(self, name: str, facts: str, month: Window, make: Callable[[Window], ir.Table]) -> Path:
        start, end = (start_of(day, self._snapshot.time_zone) for day in (month.start, month.after()))
        made_of = [file for file in self._snapshot.files.get(facts, ()) if _overlaps(file, start, end)]
        tail = self._snapshot.tail[facts]
        at = tail["happened_at"].cast(pa.int64())
        mine = tail.filter(pc.and_(pc.greater_equal(at, start), pc.less(at, end)))
        newest = pc.max(mine["seq"]).as_py() if mine.num_rows else 0
        digest = _digest(code(), self._snapshot.time_zone, str(month), *made_of, str(mine.num_rows), str(newest))
        path = self._folder / f"{name}-{month.start:%Y-%m}-{digest}.parquet"
        if not path.exists():
            _write(self._engine.arrow(make(month)), path)
        self._used.add(path.name)
        return path

    def _forget_merged(self) -> None:
        """Forget the months in which somebody occurs who was found to be another since, or not to be."""
        columns, path = ["handle", "person"], self._folder / _MERGES
        merges = self._snapshot.rows["merge"].select(columns)
        before = merges.schema.empty_table() if (known := _read(path)) is None else known.select(columns)
        gone = before.join(merges, columns, join_type="left anti")
        changed = pa.concat_tables([gone, merges.join(before, columns, join_type="left anti")])
        if known is not None and not changed.num_rows:
            return
        those = pc.unique(pa.chunked_array([*changed["handle"].chunks, *changed["person"].chunks], pa.int64()))
        for month in self._folder.glob("*-????-??-*.parquet"):
            rows = _read(month, columns=["person"])
            if known is None or rows is None or pc.any(pc.is_in(rows["person"], those)).as_py():
                month.unlink(missing_ok=True)
        _write(merges, path)

    # ---- groups ----

    def mapped(self, name: str, rows: ir.Table, kernel: Kernel) -> ir.Table:
        """What a kernel says of every group: of those whose rows are as they were what it said then."""
        given = self._engine.arrow(rows)
        digests = self._engine.digests(given)
        path = self._folder / f"{_name_of(kernel)}-{code()}.parquet"
        said, known = kernel.gives.empty_table(), dict[str, str]()
        if (kept := _read(path)) is not None:
            known = json.loads(kept.schema.metadata[_DIGESTS])
            said = kept.replace_schema_metadata(None)
        same = pa.array([group for group, digest in digests.items() if known.get(str(group)) == digest], pa.int64())
        again = given.filter(pc.invert(pc.is_in(given[PARTITION], same)))
        if again.num_rows or len(known) != len(digests):
            still = said.filter(pc.is_in(said[PARTITION], same))
            said = pa.concat_tables([still, kernel(again).select(kernel.gives.names).cast(kernel.gives)])
            _write(said.replace_schema_metadata({_DIGESTS: json.dumps(digests).encode()}), path)
        self._used.add(path.name)
        return self._engine.give(name, said)

    def tidy(self) -> None:
        """Forget what something newer took the place of. What nobody asked for this time is asked for again: where every table of a
        reading was taken over, nothing was."""
        newer = {_what(name) for name in self._used}
        for file in self._folder.glob("*.parquet"):
            if file.name not in self._used and _what(file.name) in newer:
                file.unlink()


@contextmanager
def remembered(folder: Path) -> Iterator[Path | None]:
    """The folder for as long as a reading is made; None while another process has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield None
            return
        yield folder


def _overlaps(file: str, start_us: int, end_us: int) -> bool:
    """Whether a file of the lake may hold something of between two instants; its folder is a month of UTC."""
    found = _MONTH.search(file)
    if found is None:
        return True
    begins = date(int(found[1]), int(found[2]), 1)
    ends = (begins + timedelta(days=32)).replace(day=1)
    return _us(begins) < end_us and _us(ends) > start_us


def _us(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000


def _name_of(kernel: Kernel) -> str:
    return f"kernel-{_digest(kernel.of.__module__, kernel.of.__qualname__, str(kernel.gives))}"


def _what(name: str) -> str:
    """What a file is of, whatever it was made of."""
    return name.rpartition("-")[0]


def _write(rows: pa.Table, path: Path) -> None:
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    pq.write_table(rows, beside, compression="lz4")
    beside.replace(path)


def _read(path: Path, columns: list[str] | None = None) -> pa.Table | None:
    """What was kept, or None where nothing was or it is broken."""
    try:
        return pq.read_table(path, columns=columns)
    except (OSError, pa.ArrowInvalid):
        return None


def _digest(*parts: str) -> str:
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def _of_file(file: Path) -> str:
    digest = blake2b(digest_size=16)
    with file.open("rb") as content:
        while some := content.read(1 << 22):
            digest.update(some)
    return digest.hexdigest()


class _Sink:
    """Takes what is written into a digest."""

    closed = False

    def __init__(self) -> None:
        self.digest = blake2b(digest_size=16)

    def write(self, some: Any) -> int:
        self.digest.update(some)
        return len(memoryview(some).cast("B"))

    def flush(self) -> None:
        """Nothing waits."""


def _of_rows(rows: pa.Table) -> str:
    sink = _Sink()
    with pa.ipc.new_stream(pa.PythonFile(sink, "w"), rows.schema) as stream:
        stream.write_table(rows.combine_chunks())
    return sink.digest.hexdigest()
