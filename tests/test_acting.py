"""Every part has its turn for every corp, as often as it asks for; one that fails holds up none of the others."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from tests.ledger.scenes import CORP
from tiefen.acting import Acting, Part
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger


class Turns:
    """Parts that note whose turn it was."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []

    def part(self, name: str, every: float, *, more: int = 0, fails: bool = False) -> Part:
        left = [more]

        def turn(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> object:
            self.taken.append((name, corp_id))
            if fails:
                raise RuntimeError("no such luck")
            left[0] -= 1
            return left[0] >= 0

        return Part(name, every, turn)


@pytest.fixture
def turns() -> Turns:
    return Turns()


def test_a_part_that_fails_holds_up_none_of_the_others(ledger: Ledger, settings: Settings, turns: Turns) -> None:
    Acting(ledger, settings, (turns.part("bad", 1.0, fails=True), turns.part("good", 1.0))).turn()

    assert turns.taken == [("bad", CORP), ("good", CORP)]


def test_a_part_waits_as_long_as_it_asks_for_unless_it_has_more_to_do(
    ledger: Ledger, settings: Settings, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("tiefen.acting.time.monotonic", lambda: clock[0])
    acts = Acting(ledger, settings, (turns.part("slow", 60.0, more=1),))

    assert acts.turn()
    assert not acts.turn()
    clock[0] += 59
    acts.turn()
    clock[0] += 1
    acts.turn()

    assert len(turns.taken) == 3


def test_a_demo_is_not_acted_on_while_it_is_being_filled(ledger: Ledger, settings: Settings, turns: Turns) -> None:
    ledger.ensure_corp("demo", demo=True)
    acts = Acting(ledger, settings, (turns.part("any", 0.0),))
    acts.turn()
    ledger.update_settings("demo", {"demo_complete": True})

    acts.turn()

    assert turns.taken == [("any", CORP), ("any", CORP), ("any", "demo")]


def test_a_clock_that_is_set_back_is_said_once(
    ledger: Ledger, settings: Settings, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = Acting(ledger, settings, (turns.part("any", 0.0),))
    with capture_logs() as said:
        for seconds in (10_000, 9_999, 3_000, 3_001):
            monkeypatch.setattr("tiefen.acting.now_us", lambda at=seconds: at * 1_000_000)
            acts.turn()

    assert [(one["event"], one["corp"], one["seconds"]) for one in said] == [
        ("the clock was set back; what is due waits", CORP, 6_999)
    ]
    assert len(turns.taken) == 4
