"""What a message wearies depends on what it is for: guessed at first, then learned, and never by much from little."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiefen.decide.attention import GUESS, Told, Weariness, lost, rested_at, tired, wearing
from tiefen.kit.clock import DAY_US

NOW = 1_800_000_000_000_000


def world(people: int, *, leave: dict[str, float], spoil: dict[str, float], seed: int = 1) -> Weariness:
    """Learned of people who were told eight things in three months: of each purpose so many leave after it, and it costs so large a
    share of the answers to the next one within two weeks. Some answer readily and some hardly ever."""
    rng, streams = Random(seed), []
    for _ in range(people):
        ready, stream, before, at = rng.choice([0.05, 0.2, 0.5]), [], ("", -100.0), 0.0
        for _ in range(8):
            at += rng.choice([4, 9, 20])
            purpose = rng.choice(["sell", "give", "care"])
            spoilt = spoil.get(before[0], 0.0) if at - before[1] <= 14 else 0.0
            fate = "answered" if rng.random() < ready * (1 - spoilt) else "ignored"
            fate = "left" if rng.random() < leave.get(purpose, 0.0) else fate
            stream.append(Told(NOW + int(at * DAY_US), purpose, fate))
            before = (purpose, at)
        streams.append(stream)
    return wearing(streams, anyway=0.0005)


def test_while_nothing_is_known_selling_wearies_most() -> None:
    assert wearing([], anyway=0.0).costs == pytest.approx(GUESS.costs)
    assert GUESS.cost("sell") == 1.0 > GUESS.cost("give") > GUESS.cost("care")


def test_greetings_that_drive_people_away_come_to_cost_more() -> None:
    found = world(5_000, leave={"sell": 0.002, "give": 0.001, "care": 0.02}, spoil={})

    assert found.cost("care") > 1.5 * GUESS.cost("care")
    assert found.cost("sell") == 1.0


def test_gifts_after_which_nobody_answers_any_more_come_to_cost_more() -> None:
    spoiling = world(5_000, leave={}, spoil={"give": 0.4, "sell": 0.1})
    harmless = world(5_000, leave={}, spoil={"sell": 0.2})

    assert spoiling.cost("give") > 1.2 * GUESS.cost("give")
    assert harmless.cost("give") < GUESS.cost("give")


def test_a_few_messages_change_next_to_nothing() -> None:
    few = world(20, leave={"care": 0.02}, spoil={"care": 0.4})

    assert few.cost("care") == pytest.approx(GUESS.cost("care"), rel=0.25)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_costs_more_than_twice_or_less_than_half_of_the_guess(seed: int) -> None:
    found = world(2_000, leave={"care": 0.5, "give": 0.0}, spoil={"sell": 0.9}, seed=seed)

    for purpose, cost in found.costs.items():
        assert found.least(purpose) - 1e-9 <= cost <= min(1.0, 2 * GUESS.cost(purpose)) + 1e-9


def test_half_of_what_somebody_was_told_is_forgotten_in_a_week() -> None:
    assert tired([(NOW - 7 * DAY_US, 1.0), (NOW, 0.25), (NOW + 1, 9.0)], NOW) == pytest.approx(0.75)


def test_who_has_heard_much_is_lost_sooner_and_cheap_messages_lose_fewer() -> None:
    assert lost(1.0, 2.0, 3.0, 0.5) == pytest.approx(0.5)
    assert lost(1.0, 0.5, 3.0, 0.5) == pytest.approx(0.125)
    assert lost(0.25, 2.0, 3.0, 0.5) < lost(0.5, 2.0, 3.0, 0.5) < lost(1.0, 2.0, 3.0, 0.5)
    assert lost(1.0, 2.0, 7.0, 0.5) < lost(1.0, 2.0, 3.0, 0.5)


@given(st.floats(0.1, 1), st.floats(0, 20), st.floats(0.25, 7), st.floats(0.01, 5), st.floats(0.001, 0.999))
def test_after_resting_so_long_it_is_bearable(
    cost: float, load: float, budget: float, loss: float, bearable: float
) -> None:
    weeks = rested_at(cost, load, budget, loss, bearable)

    if weeks is None:
        assert lost(cost, 0.0, budget, loss) >= bearable
    elif weeks < 50:
        assert lost(cost, load * 0.5**weeks, budget, loss) <= bearable + 1e-6
