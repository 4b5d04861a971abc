"""Reading everything from a sandbox: what comes of it, and what does not when something is withheld."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wecom.sync.world import CORP, Living, Place, contacts_told, place, stays_told, stays_true
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.sync import progress


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
