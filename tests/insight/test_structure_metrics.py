"""Strangers and reciprocity against chance, and how newcomers come to know people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.insight.scenes import BAJIE, BOOKS, DAIYU, POETS, SHASENG, WUKONG, Scene, measure
from tiefen.insight.metrics.groups import (
    integration_14d,
    integration_30d,
    integration_first_tie,
    reciprocity_against_null,
    strangers_against_null,
)

HOUR = 3600.0


def _talk(sent: np.ndarray, heard: np.ndarray, group: int = BOOKS) -> Scene:
    scene = Scene()
    for a, b in zip(sent.tolist(), heard.tolist(), strict=True):
        if a != b:
            scene.says(a, "2026-11-20 10:00", group, reply_to=b)
    return scene


def test_talk_drawn_by_lot_is_as_strange_and_as_mutual_as_by_lot(tmp_path: Path) -> None:
    lots = np.random.default_rng(5)
    rates = np.arange(1.0, 81.0) ** -0.5
    sent = lots.choice(80, 1500, p=rates / rates.sum()) + 1
    heard = lots.permutation(sent)
    scene = _talk(sent, heard)

    strangers = measure(strangers_against_null.METRIC, scene, tmp_path)[BOOKS]
    mutual = measure(reciprocity_against_null.METRIC, scene, tmp_path)[BOOKS]

    assert strangers.value == pytest.approx(1.0, abs=0.03)
    assert mutual.value == pytest.approx(1.0, abs=0.08)


def test_pairs_who_only_talk_with_each_other_are_stranger_and_more_mutual_than_by_lot(tmp_path: Path) -> None:
    pairs = np.arange(1, 41)
    there, back = pairs, np.where(pairs % 2, pairs + 1, pairs - 1)
    scene = _talk(np.repeat(there, 5), np.repeat(back, 5))

    strangers = measure(strangers_against_null.METRIC, scene, tmp_path)[BOOKS]
    mutual = measure(reciprocity_against_null.METRIC, scene, tmp_path)[BOOKS]

    assert strangers.whole == 20
    assert strangers.value is not None and strangers.value > 7
    assert mutual.value is not None and mutual.value > 7


def test_where_no_tie_could_be_returned_reciprocity_against_chance_is_unknown(tmp_path: Path) -> None:
    scene = Scene()
    scene.says(DAIYU, "2026-11-20 10:00", reply_to=WUKONG)
    scene.says(DAIYU, "2026-11-20 10:05", reply_to=BAJIE)

    assert measure(reciprocity_against_null.METRIC, scene, tmp_path) == {}
    assert measure(strangers_against_null.METRIC, scene, tmp_path)[BOOKS].whole == 2


def _newcomers() -> Scene:
    scene = Scene()
    for who in (DAIYU, WUKONG, BAJIE):
        scene.stays(who, "2026-10-01 09:00")
    scene.stays(DAIYU, "2026-10-01 09:00", group=POETS)
    scene.says(DAIYU, "2026-10-01 12:00", reply_to=SHASENG)
    scene.says(SHASENG, "2026-10-05 12:00", reply_to=DAIYU)
    scene.says(WUKONG, "2026-10-02 09:00", reply_to=SHASENG)
    scene.says(WUKONG, "2026-10-20 09:00", reply_to=DAIYU)
    return scene


def test_two_people_in_time_make_a_newcomer_part_of_a_group(tmp_path: Path) -> None:
    scene = _newcomers()

    assert (measure(integration_14d.METRIC, scene, tmp_path)[BOOKS].part) == 0
    late = measure(integration_30d.METRIC, scene, tmp_path)[BOOKS]
    assert (late.part, late.whole) == (2, 3)


def test_the_first_tie_is_timed_for_those_who_have_one(tmp_path: Path) -> None:
    found = measure(integration_first_tie.METRIC, _newcomers(), tmp_path)[BOOKS]

    assert (found.part, found.whole) == (3 * HOUR + 24 * HOUR, 2)


def test_of_a_group_in_which_nobody_addresses_anybody_nothing_is_known(tmp_path: Path) -> None:
    for metric in (integration_14d, integration_30d, integration_first_tie, strangers_against_null):
        assert POETS not in measure(metric.METRIC, _newcomers(), tmp_path)


def test_who_joined_too_lately_is_not_judged(tmp_path: Path) -> None:
    scene = _newcomers()
    scene.stays(SHASENG, "2026-11-20 09:00")

    assert measure(integration_14d.METRIC, scene, tmp_path)[BOOKS].whole == 3
