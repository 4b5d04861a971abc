"""Time stands, runs or is stepped; what falls due is done in order, and a restart loses none of it."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.core.asking import MONDAY, mansion, wait_until
from tiefen.sandbox import Sandbox, SandboxInUse

NOON = MONDAY.timestamp()


def _writes(box: Sandbox, into: list[tuple[float, Any]]) -> None:
    box.handler("note", lambda box, payload: into.append((box.clock.now() - NOON, payload)))


def test_a_stepped_clock_stands_still() -> None:
    with mansion() as (box, _):
        before = box.clock.now()
        time.sleep(0.02)

        assert box.clock.now() == before == NOON


def test_a_fast_clock_runs_ahead_and_can_be_slowed_and_stopped() -> None:
    with mansion(speed=3_600.0) as (box, _):
        assert wait_until(lambda: box.clock.now() > NOON + 60)
        box.clock.speed = None
        stood = box.clock.now()
        time.sleep(0.01)

        assert box.clock.now() == stood


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 20), max_size=12), st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_what_falls_due_is_done_in_order_each_at_its_own_time(due: list[int], steps: list[int]) -> None:
    with mansion() as (box, _):
        done: list[tuple[float, Any]] = []
        _writes(box, done)
        for number, at in enumerate(due):
            box.schedule(NOON + at, "note", number)
        for step in steps:
            box.clock.step(step)

    expected = sorted((at, number) for number, at in enumerate(due) if at <= sum(steps) and any(steps))
    assert [(round(at), number) for at, number in done] == expected


def test_what_is_done_may_make_more_fall_due_on_the_way() -> None:
    with mansion() as (box, _):
        done: list[float] = []

        def again(box: Sandbox, left: int) -> None:
            done.append(box.clock.now() - NOON)
            if left:
                box.schedule(box.clock.now() + 10, "again", left - 1)

        box.handler("again", again)
        box.schedule(NOON + 10, "again", 5)
        box.clock.step(45)

        assert done == [10, 20, 30, 40]
        assert box.clock.now() == NOON + 45


def test_state_clock_and_what_is_due_survive_a_restart(tmp_path: Path) -> None:
    with mansion(data=tmp_path) as (box, keys):
        phones = box.phones(keys.corpid)
        person = phones.person("悟空")
        phones.add_contact(person, "daiyu")
        box.schedule(NOON + 50, "note", "later")
        box.schedule(NOON + 20, "note", "sooner")
        box.clock.step(30)
    done: list[tuple[float, Any]] = []
    with Sandbox.open(tmp_path, speed=None) as box:
        assert box.clock.now() == NOON + 30
        assert box.keys(keys.corpid) == keys
        assert len(box.truth(keys.corpid).contacts()) == 1

        _writes(box, done)
        box.clock.step(30)

    assert done == [(20, "sooner"), (50, "later")]


def test_work_half_done_is_done_again_from_the_beginning(tmp_path: Path) -> None:
    """A handler that dies takes back what it did; the work itself is not lost for want of a handler."""
    with mansion(data=tmp_path) as (box, keys):

        def dies(box: Sandbox, _: Any) -> None:
            box.phones(keys.corpid).person("half")
            raise RuntimeError("power cut")

        box.handler("note", dies)
        box.schedule(NOON + 5, "note", None)
        with pytest.raises(RuntimeError):
            box.clock.step(10)
        assert box.store.value("SELECT count(*) FROM persons") == 0


def test_at_real_speed_time_goes_on_while_it_is_closed_and_otherwise_it_does_not(tmp_path: Path) -> None:
    with mansion(data=tmp_path, speed=1.0):
        pass
    time.sleep(0.05)
    with Sandbox.open(tmp_path, speed=1.0) as box:
        real = box.clock.now()
    with Sandbox.open(tmp_path, speed=None) as box:
        stood = box.clock.now()

    assert real >= NOON + 0.05
    assert stood == pytest.approx(real, abs=1)


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    with mansion(data=tmp_path), pytest.raises(SandboxInUse):
        Sandbox.open(tmp_path)


def test_what_falls_due_is_done_as_time_passes_while_it_runs() -> None:
    with mansion(speed=60.0) as (box, _), box.running():
        done: list[tuple[float, Any]] = []
        _writes(box, done)
        box.schedule(box.clock.now() + 10, "note", 1)

        assert wait_until(lambda: len(done) == 1)


def test_an_aware_start_is_asked_for() -> None:
    with pytest.raises(ValueError, match="naive"):
        Sandbox.open(start=MONDAY.replace(tzinfo=None))


def _life(seed: int) -> tuple[list[str], list[Any]]:
    with mansion("daiyu", "baochai", seed=seed) as (box, keys):
        phones = box.phones(keys.corpid)
        people = [phones.person(f"p{number}") for number in range(6)]
        for person in people:
            phones.add_contact(person, "daiyu")
        group = phones.create_group("daiyu", "群", people=people[:3])
        box.clock.step(timedelta(hours=1).total_seconds())
        phones.join(people[3], group)
        phones.say(people[0], group, "早")
        phones.delete_staff(people[5], "daiyu")
        return box.truth(keys.corpid).callbacks(), [keys, *box.truth(keys.corpid).stays()]


def test_the_same_seed_gives_the_same_life_and_another_seed_another() -> None:
    assert _life(7) == _life(7)
    assert _life(7) != _life(8)
