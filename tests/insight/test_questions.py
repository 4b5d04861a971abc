"""Funnels, cohorts and paths: each against a plain definition in Python, and by hand where the definition has an edge."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.insight.scenes import BAJIE, BOOKS, DAIYU, SHASENG, WUKONG, Scene, tables_of, window_of
from tiefen.insight.engine import Tables
from tiefen.insight.questions import ANYTHING, JOINED, SPOKE, Act, Cohorts, Funnel, Paths
from tiefen.insight.questions.acts import WHATS, acts, read, written
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US

A, B, C = (Act("event.tracked", name) for name in "abc")
Told = list[tuple[int, str, int]]
"""(person, event, second)."""
BEGIN = datetime(2026, 10, 5, 4, tzinfo=UTC)
told = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from("abc"), st.integers(0, 12)), max_size=160
)  # fmt: skip
few = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def asked(events: Told, tmp_path: Path, unit: timedelta = timedelta(seconds=1)) -> Iterator[tuple[Tables, Window]]:
    scene = Scene()
    for person, name, at in events:
        scene.fact("event.tracked", BEGIN + at * unit, person=person, name=name)
    snapshot = scene.snapshot()
    with tables_of(snapshot, tmp_path) as tables:
        yield tables, window_of(snapshot)


# ---- funnels ----


def furthest(mine: list[tuple[str, int]], steps: str, window: int) -> list[int]:
    """The times of the best attempt of somebody: every way of choosing events is tried."""

    def on(number: int, times: list[int]) -> list[int]:
        if number == len(steps):
            return times
        later = [at for name, at in mine if name == steps[number] and at > times[-1] and at - times[0] <= window]
        return max((on(number + 1, [*times, at]) for at in later), key=_better, default=times)

    return max((on(1, [at]) for name, at in mine if name == steps[0]), key=_better, default=[])


def _better(times: list[int]) -> tuple[int, list[int]]:
    return len(times), [-at for at in times]


@few
@given(events=told, steps=st.sampled_from(["ab", "abc", "aab", "cba", "aaa"]), window=st.integers(1, 12))
def test_a_funnel_is_what_its_definition_says(events: Told, steps: str, window: int, tmp_path: Path) -> None:
    by_person: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for person, name, at in events:
        by_person[person].append((name, at))
    best = [furthest(mine, steps, window) for mine in by_person.values()]

    funnel = Funnel(tuple(Act("event.tracked", name) for name in steps), window * 1_000_000)
    with asked(events, tmp_path) as (tables, w):
        rows = tables.arrow(funnel.of(tables, w)).sort_by("step").to_pylist()

    assert [row["people"] for row in rows] == [sum(len(t) > n for t in best) for n in range(len(steps))]
    for number, row in enumerate(rows[1:], 1):
        waits = [times[number] - times[number - 1] for times in best if len(times) > number]
        assert row["seconds"] == (median(waits) if waits else None)


def people_of(funnel: Funnel, events: Told, tmp_path: Path) -> list[int]:
    with asked(events, tmp_path) as (tables, w):
        return [row["people"] for row in tables.arrow(funnel.of(tables, w)).sort_by("step").to_pylist()]


def test_the_same_instant_is_not_later_and_the_end_of_the_window_is_in_time(tmp_path: Path) -> None:
    events = [(DAIYU, "a", 0), (DAIYU, "b", 0), (WUKONG, "a", 0), (WUKONG, "b", 9), (BAJIE, "a", 0), (BAJIE, "b", 10)]

    assert people_of(Funnel((A, B), 9_000_000), events, tmp_path) == [3, 1]


def test_who_begins_again_later_may_still_arrive(tmp_path: Path) -> None:
    events = [(DAIYU, "a", 0), (DAIYU, "a", 20), (DAIYU, "b", 22), (DAIYU, "c", 23)]

    assert people_of(Funnel((A, B, C), 5_000_000), events, tmp_path) == [1, 1, 1]


def test_attempts_begin_within_the_days_and_may_end_after_them(tmp_path: Path) -> None:
    events = [(DAIYU, "a", 0), (DAIYU, "b", 30), (WUKONG, "a", 30), (WUKONG, "b", 31)]
    funnel = Funnel((A, B), 40 * DAY_US, date(2026, 10, 5), date(2026, 10, 6))

    with asked(events, tmp_path, timedelta(days=1)) as (tables, w):
        rows = tables.arrow(funnel.of(tables, w)).sort_by("step").to_pylist()

    assert [row["people"] for row in rows] == [1, 1]


def test_staff_machines_and_what_was_only_inferred_are_no_acts(tmp_path: Path) -> None:
    scene = Scene()
    scene.rows["person"].append({"person": WUKONG, "staff": True})
    scene.fact("member.joined", "2026-11-01 09:00", group=BOOKS, member=DAIYU)
    scene.fact("member.joined", "2026-11-01 09:00", group=BOOKS, member=BAJIE, inferred=True)
    scene.fact("member.joined", "2026-11-01 09:00", group=BOOKS, member=WUKONG)
    scene.says(DAIYU, "2026-11-02 09:00")
    scene.says(SHASENG, "2026-11-02 09:00", by_bot=True)
    snapshot = scene.snapshot()

    with tables_of(snapshot, tmp_path) as tables:
        w = window_of(snapshot)
        joined, spoke = (tables.arrow(acts(tables, w, Act(what)))["person"].to_pylist() for what in (JOINED, SPOKE))

    assert (joined, spoke) == ([DAIYU], [DAIYU])


def test_everything_one_can_do_can_be_asked_about(tmp_path: Path) -> None:
    scene = Scene()
    scene.says(DAIYU, "2026-11-02 09:00")
    snapshot = scene.snapshot()

    with tables_of(snapshot, tmp_path) as tables:
        w = window_of(snapshot)
        counted = {what: tables.arrow(acts(tables, w, Act(what)).count().as_table()) for what in WHATS}

    assert {what: rows.to_pydict() for what, rows in counted.items() if rows[0][0].as_py()}.keys() == {SPOKE, ANYTHING}


@pytest.mark.parametrize(
    "act", [Act(SPOKE, group=7), Act("event.tracked", "买;name=1"), Act("contact.added", "x", source=5), Act(ANYTHING)]
)
def test_an_act_written_down_reads_as_itself(act: Act) -> None:
    assert read(written(act)) == act


@pytest.mark.parametrize(
    "text", ["", "order.paid;x=1", "order.paid;source=", "order.paid;source=٣", "member.joined;source=1"]
)
def test_a_line_about_no_act_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read(text)


@pytest.mark.parametrize(
    "wrong", [{"what": "nothing"}, {"what": "order.paid", "name": "x"}, {"what": JOINED, "source": 1}]
)
def test_an_act_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Act(**wrong)


# ---- cohorts ----


@few
@given(events=told, period=st.sampled_from(["week", "month"]))
def test_cohorts_are_what_their_definition_says(events: Told, period: Any, tmp_path: Path) -> None:
    unit, days = timedelta(days=4), 7 if period == "week" else 30
    first: dict[int, int] = {}
    for person, name, at in events:
        if name == "a":
            first[person] = min(first.get(person, at), at)
    begin, end = (BEGIN + timedelta(hours=8)).date(), date(2026, 11, 26)
    part: Counter[tuple[date, int]] = Counter()
    whole: Counter[tuple[date, int]] = Counter()
    sizes: Counter[date] = Counter()
    for person, began in first.items():
        on = begin + began * unit
        cohort = on - timedelta(days=on.weekday()) if period == "week" else on.replace(day=1)
        sizes[cohort] += 1
        back = {(begin + at * unit - on).days // days for who, name, at in events if who == person and name == "b" and at > began}  # fmt: skip
        for k in range(4):
            if on + timedelta(days=days * (k + 1)) <= end + timedelta(days=1):
                whole[cohort, k] += 1
                part[cohort, k] += k in back

    with asked(events, tmp_path, unit) as (tables, w):
        rows = tables.arrow(Cohorts(A, B, period, 4).of(tables, w)).to_pylist()

    assert {(r["cohort"], r["period"]): (r["part"], r["whole"], r["people"]) for r in rows} == {
        key: (part[key], many, sizes[key[0]]) for key, many in whole.items()
    }


# ---- paths ----


@few
@given(events=told, before=st.booleans(), window=st.integers(1, 12))
def test_paths_are_what_their_definition_says(events: Told, before: bool, window: int, tmp_path: Path) -> None:
    expected: Counter[tuple[str, ...]] = Counter()
    for person in {person for person, name, _ in events if name == "a"}:
        mine = [(at, name) for who, name, at in events if who == person]
        start = min(at for at, name in mine if name == "a")
        near = sorted({(abs(at - start), f"event.tracked:{name}") for at, name in mine
                       if 0 < (start - at if before else at - start) <= window})  # fmt: skip
        path = [name for place, (_, name) in enumerate(near) if not place or near[place - 1][1] != name]
        expected[tuple((path + [""] * 3)[:3])] += 1

    with asked(events, tmp_path) as (tables, w):
        rows = tables.arrow(Paths(A, before, 3, window * 1_000_000, 200).of(tables, w)).to_pylist()

    assert {(r["step_1"], r["step_2"], r["step_3"]): r["people"] for r in rows} == expected
    assert all(row["whole"] == expected.total() for row in rows)
