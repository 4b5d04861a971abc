"""When blocks fall due: from the day of the group, the week, the calendar, on the wall clock of the company."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.act.staffed import HOUR, MONDAY
from tiefen.act.playbooks.blocks import CheckIn, GuestTalk, Vote, WelcomeRitual
from tiefen.act.playbooks.planning import AHEAD_US, plan
from tiefen.act.playbooks.playbook import EveryWeek, OnDate, OnDay, Placed, Playbook, When
from tiefen.kit.clock import DAY_US, day_of, start_of

ZONE = "Asia/Shanghai"


def book(*whens: When, days: int = 0, at: str = "10:00") -> Playbook:
    blocks = tuple(Placed(key=f"b{n}", when=when, at=at, block=Vote()) for n, when in enumerate(whens))
    return Playbook(name="x", days=days, blocks=blocks)


def days_of(playbook: Playbook, anchor: int = MONDAY, days: int = 60) -> list[str]:
    return [p.day.isoformat()[5:] for p in plan(playbook, anchor, anchor, anchor + days * DAY_US, ZONE)]


def test_the_first_day_is_day_one_and_the_time_is_that_of_the_wall() -> None:
    (only,) = plan(book(OnDay(day=3)), MONDAY + 15 * HOUR, MONDAY, MONDAY + 9 * DAY_US, ZONE)

    assert only.begins_us == MONDAY + 2 * DAY_US + 10 * HOUR
    assert only.due_us == only.begins_us - AHEAD_US
    assert only.over_us == only.begins_us + 4 * HOUR


def test_a_week_is_repeated_from_a_day_to_a_day() -> None:
    assert days_of(book(EveryWeek(weekdays=(1, 5), from_day=3, until_day=12))) == ["12-05", "12-08", "12-12"]


def test_nothing_comes_after_the_last_day_of_a_playbook() -> None:
    assert days_of(book(EveryWeek(weekdays=(1,)), OnDate(on=date(2025, 12, 20)), days=8)) == ["12-01", "12-08"]


def test_a_date_is_the_same_in_every_group() -> None:
    assert days_of(book(OnDate(on=date(2025, 12, 12)))) == ["12-12"]
    assert days_of(book(OnDate(on=date(2025, 12, 12))), anchor=MONDAY + 5 * DAY_US) == ["12-12"]


def test_a_block_that_is_prepared_a_day_before_is_opened_before_that() -> None:
    talk = Playbook(name="x", blocks=(Placed(key="t", when=OnDay(day=3), at="20:00", block=GuestTalk()),))

    (only,) = plan(talk, MONDAY, MONDAY, MONDAY + 9 * DAY_US, ZONE)

    assert only.begins_us - only.due_us == DAY_US + AHEAD_US


def test_summer_time_moves_the_instant_and_not_the_wall() -> None:
    daily = book(EveryWeek(weekdays=(1, 2, 3, 4, 5, 6, 7)))
    since = start_of(date(2026, 3, 28), "Europe/Berlin")

    instants = [p.begins_us for p in plan(daily, since, since, since + 3 * DAY_US, "Europe/Berlin")]

    assert [b - a for a, b in pairwise(instants)] == [23 * HOUR, 24 * HOUR]


@given(cut=st.integers(0, 40), anchor=st.integers(0, 20), weekdays=st.sets(st.integers(1, 7), min_size=1))
def test_what_is_planned_in_two_parts_is_what_is_planned_at_once(cut: int, anchor: int, weekdays: set[int]) -> None:
    blocks = (
        Placed(key="a", when=EveryWeek(weekdays=tuple(sorted(weekdays)), from_day=2, until_day=30), at="07:30", block=CheckIn()),
        Placed(key="b", when=OnDay(day=9), at="00:00", block=WelcomeRitual()),
    )  # fmt: skip
    playbook, began = Playbook(name="x", blocks=blocks, days=33), MONDAY + anchor * HOUR
    middle, end = began + cut * DAY_US, began + 50 * DAY_US

    at_once = plan(playbook, began, began, end, ZONE)
    in_parts = [*plan(playbook, began, began, middle, ZONE), *plan(playbook, began, middle, end, ZONE)]

    assert in_parts == at_once
    assert all(day_of(p.begins_us, ZONE) == p.day for p in at_once)
