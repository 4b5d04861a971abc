"""A budget follows what messages did to somebody: up with answers, slowly down with silence, far down when they leave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiefen.decide.attention import Event, Leaving, Tally, learn, leaving
from tiefen.decide.attention.learning import ANSWERS, LEAST, LEAVING
from tiefen.decide.policy import Policy
from tiefen.kit.clock import DAY_US

NOW = 1_800_000_000_000_000
POLICY = Policy()


def day(n: float, what: str) -> Event:
    """Something so many days ago."""
    return Event(NOW - int(n * DAY_US), what)


def test_of_whom_nothing_is_known_the_policy_knows() -> None:
    assert learn([], POLICY, NOW).budget == POLICY.budget


def test_an_answer_raises_silence_lowers_a_little_and_leaving_by_much() -> None:
    answered = learn([day(10, "told"), day(9, "clicked")], POLICY, NOW)
    ignored = learn([day(10, "told")], POLICY, NOW)
    left = learn([day(10, "told"), day(9, "deleted")], POLICY, NOW)

    assert left.budget < ignored.budget < POLICY.budget < answered.budget
    assert POLICY.budget - ignored.budget < 0.3
    assert left.budget < POLICY.budget / 2


def test_what_may_still_be_answered_says_nothing_yet() -> None:
    assert learn([day(2, "told")], POLICY, NOW) == learn([], POLICY, NOW)


def test_who_ignores_everything_keeps_one_message_in_four_weeks() -> None:
    silent = learn([day(n, "told") for n in range(4, 89)], POLICY, NOW)

    assert silent.budget == LEAST
    assert (silent.ignored, silent.in_a_row) == (85, 85)


def test_what_lies_long_back_is_forgotten() -> None:
    assert learn([day(100, "told"), day(99, "deleted")], POLICY, NOW).budget == POLICY.budget


def test_it_says_what_it_was_reckoned_from() -> None:
    found = learn([day(40, "told"), day(39, "bought"), day(30, "told"), day(20, "told"), day(1, "told")], POLICY, NOW)

    assert (found.told, found.answered, found.ignored, found.left, found.in_a_row) == (3, 1, 2, 0, 2)


def test_a_message_costs_what_it_makes_people_leave_times_what_they_bring() -> None:
    rates = Leaving(told=(Tally(100, 10_000),) * 5, untold=Tally(100, 100_000))

    poor = learn([], POLICY, NOW, rates=rates, value_fen=1_000)
    rich = learn([], POLICY, NOW, rates=rates, value_fen=100_000)

    assert rich.weariness_fen == pytest.approx(0.009 * 100_000, rel=0.05)
    assert rich.weariness_fen == pytest.approx(100 * poor.weariness_fen, rel=0.1)
    assert learn([], POLICY, NOW).weariness_fen == 0


def test_where_messages_make_nobody_leave_they_cost_nothing() -> None:
    rates = Leaving(told=(Tally(1, 10_000),) * 5, untold=Tally(100, 10_000))

    assert learn([], POLICY, NOW, rates=rates, value_fen=100_000).weariness_fen == 0


def test_two_leavers_of_three_messages_are_not_taken_for_a_law() -> None:
    few = leaving([(0, True), (0, True), (0, False)], 100, 100_000)
    many = leaving([(0, n % 3 > 0) for n in range(3_000)], 100, 100_000)

    assert (few.after(0) or 0) < 0.05
    assert (many.after(0) or 0) > 0.6


events = st.lists(
    st.builds(
        day, st.floats(0, 95).map(lambda x: round(x, 2)), st.sampled_from(["told", *sorted(ANSWERS), *sorted(LEAVING)])
    ),
    max_size=25,
)


@given(events, st.randoms())
def test_the_order_in_which_it_is_told_and_what_is_told_twice_do_not_matter(known: list[Event], chance: object) -> None:
    shuffled = [*known, *known[:3]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert learn(shuffled, POLICY, NOW) == learn(known, POLICY, NOW)


@given(events)
def test_it_stays_within_its_bounds(known: list[Event]) -> None:
    assert LEAST <= learn(known, POLICY, NOW).budget <= POLICY.budget_most


@given(events, st.floats(0, 89))
def test_one_more_answer_never_lowers_and_one_more_leaving_never_raises_it(known: list[Event], when: float) -> None:
    before = learn(known, POLICY, NOW).budget

    assert learn([*known, day(when, "clicked")], POLICY, NOW).budget >= before - 1e-9
    assert learn([*known, day(when, "deleted")], POLICY, NOW).budget <= before + 1e-9


@given(events, st.floats(0, 3))
def test_a_more_generous_policy_never_gives_less(known: list[Event], more: float) -> None:
    generous = Policy(budget=POLICY.budget + more)

    assert learn(known, generous, NOW).budget >= learn(known, POLICY, NOW).budget - 1e-9


def test_to_ignore_a_greeting_says_less_than_to_ignore_an_offer() -> None:
    greeting, offer, unknown = (learn([day(10, what)], POLICY, NOW) for what in ("told_care", "told_sell", "told"))

    assert offer.budget < greeting.budget < POLICY.budget
    assert unknown.budget == offer.budget


def test_who_wrote_back_has_answered() -> None:
    assert learn([day(10, "told_give"), day(8, "replied")], POLICY, NOW).answered == 1
    assert learn([day(10, "told_give"), day(6, "replied")], POLICY, NOW).answered == 0
