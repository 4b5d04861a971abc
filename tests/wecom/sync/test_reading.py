"""Reading everything from a sandbox: what comes of it, and what does not when something is withheld."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wecom.sync.world import CORP, Living, Place, contacts_told, place, stays_told, stays_true
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.mirror import Pull
from tiefen.wecom.mirror import pulls as wishes
from tiefen.wecom.sync import progress
from tiefen.wecom.sync.state import alone


@pytest.fixture
def here(ledger: Ledger) -> Iterator[Place]:
    with place(ledger) as made:
        yield made


def test_a_first_reading_knows_everybody_and_a_second_one_tells_nothing(here: Place, ledger: Ledger) -> None:
    living = Living(here, 3)
    living.begin()
    for _ in range(150):
        here.box.clock.step(living.dice.randrange(20, 400))
        living.act()
    here.box.clock.step(30)

    first = here.sync.read_everything()
    here.box.clock.step(30)
    again = here.sync.read_everything()

    now = {stay[:3] for stay in stays_true(here) if stay[3] is None}
    assert {stay[:3] for stay in stays_told(ledger)} == now
    assert contacts_told(ledger) == here.box.truth(here.keys.corpid).contacts()
    assert first.facts > len(now)
    assert (again.facts, again.inferred) == (0, 0)
    assert first.skipped == []
    assert progress(ledger, CORP).last == again


def test_what_somebody_else_is_asking_for_is_not_asked_for_twice(here: Place, ledger: Ledger) -> None:
    Living(here, 5).begin()
    here.box.clock.step(30)
    here.sync.read_everything()
    person = "wmNobodyKnowsThisPersonAtAll0001"  # in no list: nothing but asking for them answers the wish
    now = here.sync.clock()
    with ledger.write() as connection:
        wishes.wish(connection, CORP, [Pull("contact", person, now)], now)

    with alone(ledger, CORP, "pulls"):
        beside = here.sync.read_everything()
    with ledger.read() as connection:
        left = [one.of for one in wishes.due(connection, CORP, here.sync.clock())]
    here.sync.read_everything()

    assert beside.ended_us > 0
    assert left == [person]
    with ledger.read() as connection:
        assert list(wishes.due(connection, CORP, here.sync.clock())) == []
