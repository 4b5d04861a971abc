"""Tiefen's insight held to the truth of a population it knows nothing of.

The bounds are what a plain good method reaches on the same population (docs/answer-key.md): a line fitted to six weeks of talk for
stages, the number of listeners for leaders, Louvain for circles; and for what can be known exactly, next to exactly.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.answer_key import compared, scores

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("key")
    return scores(compared(folder, groups=18, people=2_000))


def test_stages_agree_as_often_as_a_fitted_line_does(score: dict[str, Any]) -> None:
    assert score["stage_agreement"] >= score["stage_agreement_of_a_line_fit"] - 0.02
    assert score["stage_agreement"] >= 0.72
    assert score["stage_agreement_last_day"] >= 0.80


def test_every_dying_group_is_pointed_out_a_fortnight_before_it_is_silent(score: dict[str, Any]) -> None:
    assert score["dying_groups"] >= 2
    assert score["dying_warned_14_days_ahead"] == 1.0


def test_leaders_are_found_as_well_as_by_counting_listeners(score: dict[str, Any]) -> None:
    assert score["leader_recall_at_3"] >= score["leader_recall_at_3_by_listeners"] - 0.05
    assert score["leader_recall_at_3"] >= 0.7


def test_circles_are_found_as_well_as_by_louvain(score: dict[str, Any]) -> None:
    assert score["circle_nmi"] >= score["circle_nmi_by_louvain"] - 0.05
    assert score["circle_nmi"] >= 0.7


def test_twins_are_found_and_nobody_else(score: dict[str, Any]) -> None:
    assert score["twins_found"] == 1.0
    assert score["twins_false"] == 0


def test_sources_and_what_they_cost_are_told_to_within_two_in_a_hundred(score: dict[str, Any]) -> None:
    assert score["source_arrivals_largest_error"] <= 0.02
    assert score["source_cac_largest_error"] <= 0.02


def test_adverts_are_seen(score: dict[str, Any]) -> None:
    assert score["advert_groups_found"] == 1.0
    assert score["advert_groups_false"] == 0
    assert score["advert_messages_precision"] >= 0.95
    assert score["advert_messages_recall"] >= 0.6


@pytest.mark.parametrize("kind", ["one_voice", "strangers", "leaky"])
def test_groups_with_something_about_them_are_pointed_out(score: dict[str, Any], kind: str) -> None:
    assert score[f"{kind}_found"] == 1.0
    assert score[f"{kind}_false"] <= 1
