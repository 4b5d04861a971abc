"""The lake gets every fact exactly once, wherever the machine stops."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from tests.ledger.scenes import CORP, everything_kept, joined, said
from tiefen.kit.clock import DAY_US
from tiefen.kit.settings import Settings
from tiefen.ledger import compaction, flushing
from tiefen.ledger.batch import Batch
from tiefen.ledger.lake import Lake
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import words_page


class PowerCut(Exception):
    pass


def cut(*_: object, **__: object) -> None:
    raise PowerCut


def fill(ledger: Ledger, start: int, count: int) -> None:
    facts = [said(n, at=n * 7 * DAY_US) if n % 2 else joined(n, at=n * 7 * DAY_US) for n in range(start, start + count)]
    ledger.append(
        Batch(CORP, "x", facts, {i: f"第{start + i}句" for i, fact in enumerate(facts) if fact.source_id[0] == "m"})
    )


def assert_whole(ledger: Ledger, count: int) -> None:
    found = everything_kept(ledger)
    assert [seq for seq, _ in found] == list(range(1, count + 1))
    group = 1
    texts = [word.text for word in words_page(ledger, CORP, group, limit=1000).rows]
    assert texts == [f"第{n}句" for n in range(count - 1, -1, -1) if n % 2]


@pytest.mark.stores
@pytest.mark.parametrize("where", range(6))
def test_a_cut_at_any_step_of_a_flush_loses_and_doubles_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, where: int
) -> None:
    fill(ledger, 0, 20)
    ledger.flush()
    fill(ledger, 20, 20)
    with monkeypatch.context() as patch:
        _cut_at(patch, where)
        with pytest.raises(PowerCut):
            ledger.flush()

    assert_whole(ledger, 40)
    fill(ledger, 40, 5)
    assert_whole(ledger, 45)
    ledger.flush()
    assert_whole(ledger, 45)


@pytest.mark.stores
def test_a_compaction_right_after_a_cut_doubles_nothing_either(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(ledger, 0, 20)
    with monkeypatch.context() as patch:
        patch.setattr(flushing, "keep_state", cut)
        with pytest.raises(PowerCut):
            ledger.flush()
    monkeypatch.setattr(compaction, "MANY", 0)

    ledger.compact()

    assert_whole(ledger, 20)


@pytest.mark.stores
def test_compaction_changes_files_and_nothing_else(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(0, 40, 4):
        ledger.append(Batch(CORP, "x", [said(m) for m in range(n, n + 4)], {i: f"{n + i}" for i in range(4)}))
        ledger.flush()
    before, files = everything_kept(ledger), ledger.snapshot(CORP).files["message_posted"]

    rewritten = compaction.compact(ledger._transactions, ledger._lake, many=2)

    assert rewritten == 2
    assert everything_kept(ledger) == before
    assert len(files) == 10
    assert len(ledger.snapshot(CORP).files["message_posted"]) == 1


@pytest.mark.stores
def test_a_snapshot_stays_as_it_was_taken(ledger: Ledger) -> None:
    fill(ledger, 0, 10)
    ledger.flush()
    fill(ledger, 10, 10)
    taken = ledger.snapshot(CORP)

    fill(ledger, 20, 10)
    ledger.flush()
    compaction.compact(ledger._transactions, ledger._lake, many=0)

    assert taken.through == 20
    assert taken.facts_in_lake() == 10
    assert sum(table.num_rows for name, table in taken.tail.items() if name != "words") == 10


def _cut_at(patch: pytest.MonkeyPatch, where: int) -> None:
    """Before, between or after the appends to the lake's tables, or before the store learns of it."""
    if where == 5:
        patch.setattr(flushing, "keep_state", cut)
        return
    done, append = [0], Lake.append

    def counted(self: Lake, *given: object) -> int:
        if where % 2 == 0 and done[0] == where // 2:
            raise PowerCut
        version = append(self, *given)  # type: ignore[arg-type]
        if where % 2 and done[0] == where // 2:
            raise PowerCut
        done[0] += 1
        return version

    patch.setattr(Lake, "append", counted)


def _live(data: Path, acknowledged: Path) -> None:
    import threading

    with Ledger.open(Settings(data=data)) as ledger, acknowledged.open("a") as log:
        ledger.ensure_corp(CORP)
        threading.Thread(target=lambda: [ledger.flush() for _ in iter(int, 1)], daemon=True).start()
        n = len(acknowledged.read_text().splitlines()) * 3
        while True:
            ledger.append(Batch(CORP, "x", [said(m, at=(m % 5) * 40 * DAY_US) for m in range(n, n + 3)]))
            log.write(f"{n}\n")
            log.flush()
            n += 3


@pytest.mark.slow
def test_killed_at_any_moment_everything_acknowledged_is_there_once(settings: Settings, tmp_path: Path) -> None:
    acknowledged = tmp_path / "acknowledged"
    acknowledged.touch()
    for n in range(4):
        process = multiprocessing.get_context("spawn").Process(target=_live, args=(settings.data, acknowledged))
        process.start()
        length, until = acknowledged.stat().st_size, time.monotonic() + 30
        while acknowledged.stat().st_size < length + 40 and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.03 * n)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()

    with Ledger.open(settings) as ledger:
        ledger.flush()
        found = [source_id for _, source_id in everything_kept(ledger)]
    promised = {f"m{int(line) + i}" for line in acknowledged.read_text().splitlines() for i in range(3)}
    assert len(found) == len(set(found))
    assert promised <= set(found)
