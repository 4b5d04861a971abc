"""The course of one group's life, told from what was said on which day."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tiefen.insight.kernels.life import Days, life_of


def talk(*by_week: int) -> Days:
    """A group of fifty with so many messages in each week, the newest last; each week's fall on its middle day."""
    ago = np.array([7 * weeks + 3 for weeks in range(len(by_week) - 1, -1, -1)], np.int64)
    said = np.array(by_week, np.int64)
    return Days(ago[said > 0], said[said > 0], np.full((said > 0).sum(), 50, np.int64))


def crowd(*by_month: int) -> Days:
    """A group of which only comings and goings are known: its members at the end of each month, the newest last."""
    ago = np.array([30 * months for months in range(len(by_month) - 1, -1, -1)], np.int64)
    return Days(ago, np.zeros(len(by_month), np.int64), np.array(by_month, np.int64))


@pytest.mark.parametrize(
    ("days", "stage", "health"),
    [
        (talk(5, 20, 40), "introduction", "lively"),
        (talk(*[20] * 20, *[60] * 4), "growth", "lively"),
        (talk(*[50] * 30), "maturity", "lively"),
        (talk(*[100] * 20, *[60] * 12), "maturity", "steady"),
        (talk(*[100] * 20, 60, 30, 20, 10), "decline", "fading"),
        (talk(*[100] * 20, *[0] * 9), "dormant", "dead"),
        (talk(*[200] * 20, *[1] * 8), "dormant", "dead"),
    ],
)
def test_the_stage_follows_from_the_last_four_weeks_beside_the_best_and_the_usual(
    days: Days, stage: str, health: str
) -> None:
    life = life_of(days)

    assert (life.stage, life.health) == (stage, health)
    assert life.grade == "B"


def test_a_group_that_still_says_a_word_a_day_is_in_decline_however_large_it_was() -> None:
    assert life_of(talk(*[1_000] * 20, *[7] * 8)).stage == "decline"


def test_of_two_that_lost_as_much_the_one_that_was_larger_is_sicker() -> None:
    large, small = (life_of(talk(*[n] * 20, *[n // 10] * 6)) for n in (500, 50))

    assert large.sickness > small.sickness > 0


def test_who_is_well_and_who_was_dismissed_are_not_sick() -> None:
    assert life_of(talk(*[50] * 30)).sickness == 0
    dismissed = life_of(talk(*[50] * 20, *[1] * 4), date(2026, 11, 1))
    assert (dismissed.stage, dismissed.sickness) == ("dormant", 0)
    assert dismissed.evidence[0] == ("2026-11-01 已解散", "dismissed on 2026-11-01")


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (crowd(20, 40), "introduction"),
        (crowd(20, 30, 40, 50), "growth"),
        (crowd(50, 50, 50, 50), "maturity"),
        (crowd(100, 90, 70, 60), "decline"),
        (crowd(100, 20, 5, 1), "dormant"),
    ],
)
def test_without_messages_the_stage_is_told_from_members_and_graded_a(days: Days, stage: str) -> None:
    life = life_of(days)

    assert (life.stage, life.grade) == (stage, "A")
    assert any("没有消息数据" in zh for zh, _ in life.evidence)


def test_a_group_of_which_nothing_is_known_is_new() -> None:
    assert life_of(talk()).stage == "introduction"
