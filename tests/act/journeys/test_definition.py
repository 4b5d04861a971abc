"""What may be drawn, and what is said of what may not."""

from __future__ import annotations

import pytest

from tests.act.journeys.scenes import PAID, journey, say, wait
from tiefen.act.journeys import keeping
from tiefen.act.journeys.definition import Again, Goal, Journey, decoded, encoded, wrongs
from tiefen.act.journeys.errors import BadJourney
from tiefen.act.journeys.happening import Happening, Where
from tiefen.act.journeys.steps import (
    STEPS,
    AnyStep,
    CallWebhook,
    Jump,
    Leave,
    Split,
    WaitFor,
    WaitUntilDate,
    WaitUntilTime,
    Way,
)
from tiefen.act.journeys.triggers import TRIGGERS, OnDate, OnEvent, OnSchedule


def at(drawn: Journey) -> set[str]:
    return {one.at for one in wrongs(drawn)}


def test_a_whole_journey_comes_back_as_it_was_kept() -> None:
    drawn = journey(
        say("hello", to="w"), wait("w", "f", days=2),
        WaitFor(id="f", happening=PAID, minutes=60, yes="thanks", no="end"), say("thanks"), Leave(id="end"),
        goal=Goal(happening=PAID), exit="only_at_end", again=Again(rule="cooldown", days=30),
    )  # fmt: skip

    assert decoded(encoded(drawn)) == drawn
    assert wrongs(drawn) == []


def test_every_kind_has_a_name_in_both_languages_and_a_tag_of_its_own() -> None:
    assert all(zh and en for zh, en in [one.title for one in STEPS] + [one.title for one in TRIGGERS])
    assert len({one.__struct_config__.tag for one in STEPS}) == len(STEPS)


def test_a_circle_is_refused_with_the_steps_in_it() -> None:
    drawn = journey(wait("a", "b", days=1), say("b", to="a"))

    assert [one.en for one in wrongs(drawn)] == ["It goes in a circle: a → b → a. To go back, use a jump"]


def test_a_way_that_the_goal_cuts_off_is_pointed_out() -> None:
    drawn = journey(WaitFor(id="f", happening=PAID, minutes=60, yes="thanks"), say("thanks"), goal=Goal(happening=PAID))

    assert at(drawn) == {"f"}


def test_a_loop_needs_a_wait_of_some_length() -> None:
    with_wait = journey(say("a", to="w"), wait("w", "j", days=1), Jump(id="j", to="a", times=3))
    by_the_clock_only = journey(say("a", to="w"), WaitUntilTime(id="w", next="j"), Jump(id="j", to="a", times=3))

    assert wrongs(with_wait) == []
    assert [one.at for one in wrongs(by_the_clock_only)] == ["a"]
    assert "a → w → j → a" in wrongs(by_the_clock_only)[0].zh


@pytest.mark.parametrize(
    ("steps", "where"),
    [
        ((say("a", text=" "),), {"a"}),
        ((say("a", text="{{ 7 * 7 }}"),), {"a"}),
        ((say("a", text="{{ salary }}"),), {"a"}),
        ((say("a", to="nowhere"),), {"a"}),
        ((say("a"), say("b")), {"b"}),
        ((say("a", to="b"), say("b"), say("b")), {"b"}),
        ((wait("a"),), {"a"}),
        ((wait("a", days=400),), {"a"}),
        ((WaitUntilTime(id="a", start="20:00", end="09:00"),), {"a"}),
        ((WaitUntilTime(id="a", weekdays=()),), {"a"}),
        ((WaitUntilDate(id="a", day="30.2."),), {"a"}),
        ((WaitFor(id="a"),), {"a"}),
        ((WaitFor(id="a", happening=PAID, segment="s"),), {"a"}),
        ((Split(id="a", arms=(Way(name="x", share=60), Way(name="y", share=60))),), {"a"}),
        ((CallWebhook(id="a", url="http://plain.example"),), {"a"}),
        ((CallWebhook(id="a", url="https://user:secret@host.example"),), {"a"}),
        ((WaitFor(id="a", happening=Happening(fact="cost.spent")),), {"a"}),
        ((WaitFor(id="a", happening=Happening(fact="order.paid", where=(Where(field="colour", value=1),))),), {"a"}),
    ],
)  # fmt: skip
def test_what_is_wrong_says_where(steps: tuple[AnyStep, ...], where: set[str]) -> None:
    assert at(journey(*steps)) == where


def test_settings_and_triggers_are_looked_at_too() -> None:
    drawn = journey(
        say("a"), triggers=(OnEvent(happening=PAID), OnDate(attribute=""), OnSchedule(rule="FREQ=MINUTELY", segment="s")),
        holdout=0.9, exit="on_both", again=Again(rule="per_entity"), most=0, begins="2026-12-02T00:00:00",
    )  # fmt: skip

    found = wrongs(drawn)

    assert {one.at for one in found} == {"", "trigger:1", "trigger:2"}
    assert len([one for one in found if one.at == ""]) == 5
    assert at(Journey()) == {""}


def test_a_segment_that_is_not_there_is_named_at_its_step() -> None:
    drawn = journey(WaitFor(id="f", segment="fans", minutes=60))

    assert [(one.at, one.en) for one in wrongs(drawn, segments=["other"])] == [
        ("f", "There is no segment fans, or it is archived")
    ]


@pytest.mark.parametrize(
    "body",
    [
        None, [], "x", {"steps": [{"kind": "explode", "id": "a"}]}, {"steps": [{"kind": "send", "id": "a"}]},
        {"holdout": "much"}, {"exit": "sometimes"},
    ],
)  # fmt: skip
def test_what_is_no_journey_is_refused_with_the_place(body: object) -> None:
    with pytest.raises(BadJourney):
        keeping.understood(body)


def test_a_very_long_chain_is_looked_at_without_running_out_of_stack() -> None:
    steps = [wait(f"s{n}", f"s{n + 1}", days=1) for n in range(5_000)]

    assert "" in at(journey(*steps, say("s5000")))
