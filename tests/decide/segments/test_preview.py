"""What a rule comes to, looked at again and again while it is being built."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conftest import CORP
from tests.decide.segments.test_keeping import NOW, SPOKE, speaks
from tests.ledger.scenes import DAIYU, WUKONG
from tiefen.decide.segments import scene as scenes
from tiefen.decide.segments.preview import Warm, preview
from tiefen.decide.segments.rule import rule_of
from tiefen.decide.segments.scene import Told
from tiefen.insight.engine import Tables
from tiefen.kit.clock import DAY_US, SECOND_US
from tiefen.kit.settings import Settings
from tiefen.ledger.batch import Batch
from tiefen.ledger.ledger import Ledger


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whatever is asked of tables."""
    found: list[object] = []
    answer = Tables.arrow

    def noting(self: Tables, expression: object) -> object:
        found.append(expression)
        return answer(self, expression)

    monkeypatch.setattr(Tables, "arrow", noting)
    return found


def test_what_was_counted_a_moment_ago_is_not_counted_again(
    ledger: Ledger, settings: Settings, asked: list[object]
) -> None:
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 1, 1), speaks(WUKONG, 3, 2)]))
    warm = Warm(settings)
    bought = {"kind": "did", "act": "order.paid"}
    both = {"kind": "all", "rules": [SPOKE, {"kind": "not", "rule": bought}]}
    assert preview(warm, ledger, CORP, rule_of(SPOKE), None, NOW).size == 2
    asked.clear()

    told = preview(warm, ledger, CORP, rule_of(both), None, NOW + SECOND_US)
    again = preview(warm, ledger, CORP, rule_of(both), None, NOW + 2 * SECOND_US)

    assert len(asked) == 1
    assert (told.size, told.counts, told.steps) == (again.size, again.counts, again.steps)
    assert told.steps == {"$.rules[0]": 2, "$.rules[1]": 2}
    warm.close()


def test_a_count_goes_on_with_time_though_nothing_came(ledger: Ledger, settings: Settings) -> None:
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 1, 1), speaks(WUKONG, 3, 2)]))
    warm = Warm(settings)

    sizes = [preview(warm, ledger, CORP, rule_of(SPOKE), None, NOW + days * DAY_US).size for days in (0, 5, 7)]

    assert sizes == [2, 1, 0]
    warm.close()


def test_a_clock_that_was_set_back_is_asked_about_as_it_is(ledger: Ledger, settings: Settings) -> None:
    ledger.append(Batch(CORP, "x", [speaks(DAIYU, 1, 1), speaks(WUKONG, 3, 2)]))
    warm = Warm(settings)
    preview(warm, ledger, CORP, rule_of(SPOKE), None, NOW)

    before = preview(warm, ledger, CORP, rule_of(SPOKE), None, NOW - 2 * DAY_US)

    assert before.size == 1
    warm.close()


def test_what_was_asked_the_longest_ago_is_let_go_when_it_grows_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenes, "_MOST_BYTES", 20)
    told, made = Told(), []

    def of(key: str) -> None:
        told.of(key, lambda: made.append(key) or np.zeros(8, np.int8))  # type: ignore[func-returns-value]

    for key in ("a", "b", "a", "c", "a", "b"):
        of(key)

    assert made == ["a", "b", "c", "b"]
