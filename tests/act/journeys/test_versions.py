"""A journey is changed while people are inside: nobody is lost, nobody is told anything twice, and of two editors one is told."""

from __future__ import annotations

import random
from collections import Counter

import pytest
import sqlalchemy as sa

from tests.act.journeys.scenes import Garden, journey, say, wait
from tests.conftest import CORP
from tiefen.act.journeys import engine, keeping
from tiefen.act.journeys.definition import Journey, wrongs
from tiefen.act.journeys.errors import BadMoves, JourneyChanged, JourneyWrong, VersionNotFound
from tiefen.act.journeys.steps import AnyStep
from tiefen.act.journeys.triggers import ByHand
from tiefen.ledger.schema.journeys import journey_entries, journey_positions
from tiefen.ledger.schema.touches import proposals

pytestmark = pytest.mark.stores
CHAIN = (say("a", to="w"), wait("w", "b", days=2), say("b", to="v"), wait("v", "c", days=2), say("c"))


def chain(*steps: AnyStep) -> Journey:
    """Steps one after the other, whatever they led to before."""
    linked = [
        step.rewired({"next": steps[n + 1].id if n + 1 < len(steps) else None}) for n, step in enumerate(steps)
    ]  # fmt: skip
    return journey(*linked)


def three_inside(garden: Garden) -> str:
    of = garden.runs(chain(*CHAIN))
    for name in ("黛玉", "宝玉", "八戒"):
        garden.person(name)
        garden.added(name)
    garden.turn()
    return of


def test_the_preview_says_how_many_move_where_and_publishing_does_it(garden: Garden) -> None:
    of = three_inside(garden)
    new = chain(CHAIN[0], *CHAIN[2:])
    with garden.ledger.read() as connection:
        planned = keeping.preview(connection, CORP, keeping.get(connection, CORP, of), new)

    garden.edit(of, new)
    garden.turn()

    assert planned == [keeping.Moving("w", 3, "b")]
    assert set(garden.at().values()) == {"v"}
    assert (len(garden.said("a")), len(garden.said("b"))) == (3, 3)
    assert garden.counts(of)["w", "left:moved"] == 3


def test_whoever_edits_may_say_where_they_go_or_that_they_leave(garden: Garden) -> None:
    of = three_inside(garden)
    new = chain(CHAIN[0], *CHAIN[2:])

    with pytest.raises(BadMoves):
        garden.edit(of, new, {"w": "nowhere"})
    garden.edit(of, new, {"w": "c"})
    garden.turn()

    assert (len(garden.said("c")), garden.at()) == (3, {})


def test_where_there_is_nowhere_to_go_they_leave(garden: Garden) -> None:
    of = three_inside(garden)

    garden.edit(of, chain(say("z")), {"w": None})

    assert {row.how for row in garden.entries()} == {"version_gone"}
    assert garden.counts(of)["", "left:version_gone"] == 3


def test_a_shorter_wait_lets_those_go_who_have_waited_that_long(garden: Garden) -> None:
    of = three_inside(garden)
    garden.turn(days=1)

    garden.edit(of, chain(CHAIN[0], wait("w", days=0.5), *CHAIN[2:]))
    garden.turn()

    assert len(garden.said("b")) == 3


def test_other_words_are_not_said_to_whoever_was_told_already(garden: Garden) -> None:
    of = three_inside(garden)

    garden.edit(of, chain(say("a", "换了说法"), *CHAIN[1:]), {"w": "a"})
    garden.turn(days=2)

    assert len(garden.said("a")) == 3
    assert len(garden.said("b")) == 3


def test_an_earlier_version_can_run_again(garden: Garden) -> None:
    of = three_inside(garden)
    garden.edit(of, chain(CHAIN[0], *CHAIN[3:]))
    with garden.ledger.write() as connection:
        was = keeping.get(connection, CORP, of).version
        with pytest.raises(VersionNotFound):
            keeping.roll_back(connection, CORP, of, was, 9, garden.now)
        row = keeping.roll_back(connection, CORP, of, was, 1, garden.now)
        told = keeping.versions(connection, CORP, of)

    assert (row.live, row.body.journey) == (3, chain(*CHAIN))
    assert [(one["version"], one["note"]) for one in told] == [(3, "= 1"), (2, ""), (1, "")]


def test_of_two_who_edit_the_second_is_told_and_nothing_of_the_first_is_lost(garden: Garden) -> None:
    of = three_inside(garden)
    with garden.ledger.write() as connection:
        was = keeping.get(connection, CORP, of).version
        keeping.save(connection, CORP, of, was, chain(say("first")), garden.now)

    with pytest.raises(JourneyChanged), garden.ledger.write() as connection:
        keeping.save(connection, CORP, of, was, chain(say("second")), garden.now)

    with garden.ledger.read() as connection:
        assert keeping.get(connection, CORP, of).drawn == chain(say("first"))


def test_what_is_wrong_is_not_published_and_what_runs_goes_on(garden: Garden) -> None:
    of = three_inside(garden)
    with garden.ledger.write() as connection:
        row = keeping.save(connection, CORP, of, keeping.get(connection, CORP, of).version, Journey(), garden.now)

    with pytest.raises(JourneyWrong) as refused, garden.ledger.write() as connection:
        keeping.publish(connection, CORP, of, row.version, garden.now)
    garden.turn(days=2)

    assert refused.value.wrongs[0]["zh"]
    assert len(garden.said("b")) == 3


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=[pytest.mark.slow, pytest.mark.long]) for seed in range(1, 4))]
)
def test_nobody_is_lost_or_told_twice_over_random_edits(garden: Garden, seed: int) -> None:
    """Sixty edits each, while people come and time passes: steps are put in, taken out, changed and moved about."""
    dice = random.Random(seed)
    people = iter(garden.crowd(150))
    steps: list[AnyStep] = list(CHAIN)
    of = garden.runs(Journey(triggers=(ByHand(),), steps=chain(*steps).steps, holdout=0.0))

    for edit in range(60):
        match dice.choice(["put", "put", "take", "take", "change", "shuffle"]):
            case "put":
                step = (
                    wait(f"w{edit}", days=dice.choice([0.2, 1, 3]))
                    if dice.random() < 0.5
                    else say(f"s{edit}", f"话{edit}")
                )
                steps.insert(dice.randrange(len(steps) + 1), step)
            case "take" if len(steps) > 2:
                steps.pop(dice.randrange(len(steps)))
            case "change":
                n = dice.randrange(len(steps))
                steps[n] = (
                    wait(steps[n].id, days=dice.choice([0.1, 2]))
                    if hasattr(steps[n], "minutes")
                    else say(steps[n].id, f"改{edit}")
                )
            case "shuffle":
                dice.shuffle(steps)
        new = Journey(triggers=(ByHand(),), steps=chain(*steps).steps, holdout=0.0)
        assert wrongs(new) == []
        garden.edit(of, new)
        engine.enter_by_hand(
            garden.ledger, garden.ledger.settings, CORP, of, [next(people) for _ in range(2)], garden.now
        )
        garden.turn(minutes=dice.randrange(2_000))

    with garden.ledger.read() as connection:
        entered = connection.execute(sa.select(sa.func.count()).select_from(journey_entries)).scalar_one()
        left = connection.execute(
            sa.select(sa.func.count()).where(journey_entries.c.left_us.is_not(None), journey_entries.c.how.is_not(None))
        ).scalar_one()
        inside = list(connection.execute(sa.select(journey_positions.c.person, journey_positions.c.step)))
        told = Counter(connection.execute(sa.select(proposals.c.person, proposals.c.step)).tuples().all())
    counts = garden.counts(of)
    assert entered == 120 == left + len(inside)
    assert {step for _, step in inside} <= {step.id for step in steps}
    assert set(told.values()) == {1}
    for name in {step for step, _ in counts if step}:
        gone = sum(n for (at, what), n in counts.items() if at == name and what.startswith(("way:", "left:")))
        assert counts[name, "in"] - gone == sum(1 for _, at in inside if at == name)
