"""A reading that remembers the ones before says what one says that remembers nothing; and it does not make anew what is the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from tests.insight.scenes import us
from tests.ledger.scenes import CORP, person_of
from tests.stores import empty_store
from tiefen.insight import remembering
from tiefen.insight.engine import opened
from tiefen.insight.kernels.mapped import Kernel, groups_of
from tiefen.insight.metrics.groups import base
from tiefen.insight.reading import read_everything
from tiefen.insight.readings import Reading
from tiefen.insight.remembering import MADE_OF
from tiefen.insight.tables import TABLES
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US, day_of
from tiefen.kit.settings import Settings
from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Fact, Id, MemberJoined, MessagePosted, OrderPaid
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import advert_marks
from tiefen.ledger.snapshot import Snapshot

PEOPLE = [Id("user_id", f"茶客{n}") for n in range(12)]
GROUPS = ("诗社", "茶友", "书会")
BEGAN, NOW = us("2026-02-25"), us("2026-05-10 15:00")


class World:
    """A ledger to which things happen by lot, at moments that move on."""

    def __init__(self, ledger: Ledger, seed: int) -> None:
        self.ledger, self.now_us, self._lots, self._numbers = ledger, NOW, Random(seed), 0
        self.talk(200, since_us=BEGAN)
        self.orders(30, since_us=BEGAN)
        self.joins(10, since_us=BEGAN)

    def snapshot(self) -> Snapshot:
        return replace(self.ledger.snapshot(CORP), taken_us=self.now_us)

    def talk(self, count: int = 5, since_us: int | None = None) -> None:
        lots = self._lots
        self._tell(
            MessagePosted(
                happened_us=at, source_id=f"m{n}", group=lots.choice(GROUPS), member=lots.choice(PEOPLE), length=9,
                reply_to=lots.choice(PEOPLE) if n % 3 == 0 else None, is_question=n % 7 == 0,
                mentions=tuple(lots.sample(PEOPLE, 2)) if n % 9 == 0 else (),
            )
            for n, at in self._moments(count, since_us)
        )  # fmt: skip

    def orders(self, count: int = 2, since_us: int | None = None) -> None:
        self._tell(
            OrderPaid(happened_us=at, source_id=f"o{n}", order=f"o{n}", person=self._lots.choice(PEOPLE), amount_fen=100 * n)
            for n, at in self._moments(count, since_us)
        )  # fmt: skip

    def joins(self, count: int = 2, since_us: int | None = None) -> None:
        lots = self._lots
        self._tell(
            MemberJoined(happened_us=at, source_id=f"j{n}", group=lots.choice(GROUPS), member=lots.choice(PEOPLE))
            for n, at in self._moments(count, since_us)
        )

    def late(self) -> None:
        self.talk(3, since_us=BEGAN)

    def merge(self) -> None:
        one, other = self._lots.sample(PEOPLE, 2)
        kept, gone = person_of(self.ledger, one), person_of(self.ledger, other)
        if kept != gone:
            self.ledger.merge(CORP, kept, gone)

    def mark(self) -> None:
        row = {"corp_id": CORP, "message": f"m{self._lots.randrange(200)}", "advert": True, "marked_us": self.now_us}
        with self.ledger.write() as connection:
            connection.execute(dialect.insert(connection, advert_marks).values(row).on_conflict_do_nothing())

    def flush(self) -> None:
        self.ledger.flush()

    def hours(self) -> None:
        self.now_us += DAY_US // 8

    def a_day(self) -> None:
        self.now_us += DAY_US

    def _moments(self, count: int, since_us: int | None) -> Iterator[tuple[int, int]]:
        since = self.now_us - DAY_US // 8 if since_us is None else since_us
        for _ in range(count):
            self._numbers += 1
            yield self._numbers, self._lots.randrange(since, self.now_us) // 1_000_000 * 1_000_000

    def _tell(self, facts: Iterator[Fact]) -> None:
        some = sorted(facts, key=lambda fact: fact.happened_us)
        self.ledger.append(Batch(CORP, "test", some))


CHANGES: tuple[Callable[[World], None], ...] = (
    World.talk, World.orders, World.joins, World.late, World.merge, World.mark, World.flush, World.hours, World.a_day,
)  # fmt: skip


@contextmanager
def world(data: Path, seed: int = 1) -> Iterator[World]:
    shutil.copytree(empty_store(), data)
    with Ledger.open(Settings(data=data)) as ledger:
        ledger.ensure_corp(CORP, name="红楼")
        yield World(ledger, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 6))])
def test_a_reading_with_a_memory_says_what_one_without_says(tmp_path: Path, seed: int) -> None:
    lots = Random(seed)
    with world(tmp_path / "data", seed) as here:
        for step in range(4):
            for change in lots.sample(CHANGES, lots.choice((0, 1, 1, 2, 3))):
                change(here)
            snapshot = here.snapshot()

            remembers = read_everything(snapshot, here.ledger.settings)
            forgets = read_everything(snapshot, Settings(data=tmp_path / f"anew{step}"), anew=True)

            assert [where for name in _tables() for where in _differences(remembers, forgets, name)] == []


@pytest.mark.slow
def test_what_is_the_same_is_taken_over(tmp_path: Path) -> None:
    with world(tmp_path / "data") as here:
        read_everything(here.snapshot(), here.ledger.settings)
        again = read_everything(here.snapshot(), here.ledger.settings)
        here.orders()
        after_orders = read_everything(here.snapshot(), here.ledger.settings)

    assert _made_again(again, before=again) == set()
    made = {
        name
        for name in _tables()
        if not (again.folder / f"{name}.parquet").samefile(after_orders.folder / f"{name}.parquet")
    }
    assert {"cohorts", "persons", "person_forecasts"} <= made
    assert made.isdisjoint({"group_days", "group_edges", "group_people", "brokers", "leaders", "group_life"})


def test_a_reading_for_which_nothing_was_asked_forgets_nothing(tmp_path: Path) -> None:
    with world(tmp_path / "data") as here:
        _speech(here, tmp_path)
        before = {path.name for path in (tmp_path / "memory").glob("*.parquet")}
        with opened(here.snapshot(), here.ledger.settings, keeping=True, memory=tmp_path / "memory"):
            pass
        kept = {path.name for path in (tmp_path / "memory").glob("*.parquet")}
        here.talk()
        _speech(here, tmp_path)
        after = {path.name for path in (tmp_path / "memory").glob("*.parquet")}

    assert kept == before
    assert len(after) == len(before) and len(after - before) == 1


def test_only_the_months_that_changed_are_counted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with world(tmp_path / "data") as here:
        here.flush()
        first = _speech(here, tmp_path)
        written = _writes(monkeypatch)
        here.talk()
        second = _speech(here, tmp_path)
        in_may = [path.name for path in written]
        here.late()
        third = _speech(here, tmp_path)

    assert (first, second, third) == (200, 205, 208)
    assert [name[:14] for name in in_may] == ["speech-2026-05"]


def test_a_merge_has_the_months_counted_again_in_which_one_of_them_spoke(tmp_path: Path) -> None:
    with world(tmp_path / "data") as here:
        silent = Id("user_id", "新客")
        here.ledger.append(
            Batch(CORP, "test", [MemberJoined(happened_us=NOW - 1, source_id="j", group="诗社", member=silent)])
        )
        _speech(here, tmp_path)
        before = {path.name for path in (tmp_path / "memory").glob("speech-*")}
        here.ledger.merge(CORP, person_of(here.ledger, PEOPLE[0]), person_of(here.ledger, PEOPLE[1]))

        people = _speakers(here, tmp_path)

        assert person_of(here.ledger, PEOPLE[1]) == person_of(here.ledger, PEOPLE[0])
        assert len(people) == 11 and len(before) == 4


def test_a_kernel_is_asked_only_of_groups_whose_rows_changed(tmp_path: Path) -> None:
    asked: list[int] = []
    with world(tmp_path / "data") as here:
        kernel = _counting(asked)
        first = _counted(here, tmp_path, kernel)
        everywhere = sorted(asked)
        asked.clear()
        again = _counted(here, tmp_path, kernel)
        assert (again, asked) == (first, [])
        here.ledger.append(
            Batch(CORP, "test", [MessagePosted(happened_us=NOW - 1, source_id="new", group="诗社", member=PEOPLE[0])])
        )

        changed = _counted(here, tmp_path, kernel)

    assert len(everywhere) == 3 and len(asked) == 1
    assert {group: n - first[group] for group, n in changed.items() if n != first[group]} == {asked[0]: 1}


def test_a_broken_memory_is_made_anew(tmp_path: Path) -> None:
    with world(tmp_path / "data") as here:
        _speech(here, tmp_path)
        for file in (tmp_path / "memory").glob("*.parquet"):
            file.write_bytes(b"PAR1 no more")
        for file in (tmp_path / "memory").glob("speech-*"):
            file.unlink()

        assert _speech(here, tmp_path) == 200


def test_while_one_process_reads_another_does_without(tmp_path: Path) -> None:
    with remembering.remembered(tmp_path / "memory") as mine, remembering.remembered(tmp_path / "memory") as theirs:
        assert mine is not None and theirs is None


def _tables() -> list[str]:
    return [table.name for table in TABLES]


def _differences(one: Reading, other: Reading, name: str) -> list[str]:
    mine, theirs = one.table(name), other.table(name)
    if mine.num_rows != theirs.num_rows:
        return [f"{name}: {mine.num_rows} and {theirs.num_rows} rows"]
    return [f"{name}.{column}" for column in mine.column_names if not mine[column].equals(theirs[column])]


def _made_again(reading: Reading, before: Reading) -> set[str]:
    known: dict[str, Any] = json.loads((reading.folder / MADE_OF).read_text("utf-8"))
    assert set(known["tables"]) == set(_tables())
    return {
        name
        for name in _tables()
        if not (before.folder / f"{name}.parquet").samefile(reading.folder / f"{name}.parquet")
    }


def _window(here: World) -> Window:
    return Window.ending(day_of(here.now_us, "Asia/Shanghai"), 30)


def _speech(here: World, tmp_path: Path) -> int:
    memory = tmp_path / "memory"
    memory.mkdir(exist_ok=True)
    with opened(here.snapshot(), here.ledger.settings, keeping=True, memory=memory) as t:
        rows = t.arrow(base.speech(t, _window(here)))
    return int(pa.compute.sum(rows["messages"]).as_py())


def _speakers(here: World, tmp_path: Path) -> set[int]:
    with opened(here.snapshot(), here.ledger.settings, keeping=True, memory=tmp_path / "memory") as t:
        return set(t.arrow(base.speech(t, _window(here)))["person"].to_pylist())


def _writes(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    written: list[Path] = []
    write = remembering._write

    def noting(rows: pa.Table, path: Path) -> None:
        written.append(path)
        write(rows, path)

    monkeypatch.setattr(remembering, "_write", noting)
    return written


_ASKED: list[list[int]] = []


def _count(batch: pa.Table) -> pa.Table:
    groups = [(group, rows.num_rows) for group, rows in groups_of(batch)]
    _ASKED[-1].extend(group for group, _ in groups)
    return pa.table({"group": [g for g, _ in groups], "rows": [n for _, n in groups]}, schema=_GIVES)


_GIVES = pa.schema([("group", pa.int64()), ("rows", pa.int64())])


def _counting(asked: list[int]) -> Kernel:
    _ASKED.append(asked)
    return Kernel(pa.schema([("group", pa.int64()), ("seq", pa.int64())]), _GIVES, _count)


def _counted(here: World, tmp_path: Path, kernel: Kernel) -> dict[int, int]:
    memory = tmp_path / "memory"
    memory.mkdir(exist_ok=True)
    with opened(here.snapshot(), here.ledger.settings, keeping=True, memory=memory) as t:
        said = base.said(t, _window(here).last(90)).select("group", "seq")
        rows = t.arrow(t.mapped("counted", said, kernel, kernel.gives)).to_pylist()
    return {row["group"]: row["rows"] for row in rows}
