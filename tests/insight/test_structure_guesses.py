"""Whom people answer in groups where nobody ever says: guessed, marked, and only there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.insight.scenes import BAJIE, BAKERS, BOOKS, DAIYU, POETS, SHASENG, WUKONG, Scene, tables_of, window_of
from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.models.replies.candidates import candidates_of
from tiefen.insight.models.replies.guessing import guesses, models
from tiefen.insight.models.replies.talk import talk_of, words_in
from tiefen.insight.window import Window

BEGAN = datetime(2026, 11, 20, 9)
PAIRS = ((DAIYU, WUKONG), (BAJIE, SHASENG))


def _talks(scene: Scene, group: int, *, told: bool) -> None:
    """Twenty times a morning, two people ask and answer, and an hour goes by."""
    for n in range(40):
        one, other = PAIRS[n % 2]
        at = BEGAN + timedelta(hours=n)
        scene.says(one, at, group, is_question=True, length=12)
        scene.says(other, at + timedelta(seconds=40), group, length=9, reply_to=one if told and n == 7 else None)


def _asked(scene: Scene, tmp_path: Path, what: Callable[[Tables, Window], ir.Table]) -> pa.Table:
    snapshot = scene.snapshot()
    with tables_of(snapshot, tmp_path, keeping=True) as tables:
        return tables.arrow(what(tables, window_of(snapshot)))


def test_where_nobody_says_whom_they_answer_it_is_guessed_and_marked(tmp_path: Path) -> None:
    scene = Scene()
    _talks(scene, BOOKS, told=False)
    _talks(scene, POETS, told=True)
    for n in range(10):
        scene.says(DAIYU if n % 2 else BAJIE, BEGAN + timedelta(minutes=n), BAKERS)

    ties = _asked(scene, tmp_path, base.ties).to_pylist()

    assert {(tie["group"], tie["guessed"]) for tie in ties} == {(BOOKS, True), (POETS, False)}
    assert sum(tie["group"] == POETS for tie in ties) == 1, "what people say themselves counts alone"
    pairs = {frozenset(pair) for pair in PAIRS}
    weights = {True: 0, False: 0}
    for tie in ties:
        if tie["guessed"]:
            weights[frozenset((tie["a"], tie["b"])) in pairs] += tie["weight"]
    assert sum(weights.values()) >= 20
    assert weights[True] > 9 * weights[False]


def test_no_number_is_made_of_guesses(tmp_path: Path) -> None:
    scene = Scene()
    _talks(scene, BOOKS, told=False)

    assert _asked(scene, tmp_path, base.links).num_rows == 0
    assert _asked(scene, tmp_path, base.edges).num_rows == 0


def test_nobody_is_guessed_to_answer_themselves_or_what_was_not_yet_said(tmp_path: Path) -> None:
    lots = np.random.default_rng(2)
    talk = talk_of(lots.integers(0, 5, 200), np.cumsum(lots.integers(1, 300, 200)) * 1_000_000, [None] * 200)

    message, back, chance = guesses(talk)

    assert message.tolist() == list(range(200))
    assert ((back >= 0) & (back <= message)).all()
    assert ((chance > 0) & (chance < 1)).all()


def test_the_compiled_walk_and_the_plain_one_say_the_same() -> None:
    lots = np.random.default_rng(3)
    talk = talk_of(lots.integers(0, 9, 120), np.cumsum(lots.integers(1, 99, 120)) * 1_000_000, ["好的 ok"] * 120)
    rows = candidates_of(talk, named=False).numbers
    first, _ = models("plain")

    assert np.allclose(first.chances(rows), 1 / (1 + np.exp(-first.walked(rows))), atol=1e-6)


def test_a_talk_of_one_message_a_talk_at_one_instant_and_a_talk_of_nobody() -> None:
    for people in ([], [1], [1, 2, 1, 2]):
        message, back, _ = guesses(talk_of(people, [0] * len(people), [None] * len(people)))

        assert message.tolist() == list(range(len(people)))
        assert back.tolist()[:1] == [0] * min(1, len(people))


def test_of_chinese_every_two_neighbours_are_a_word() -> None:
    assert words_in("买iphone15吗 红楼梦") == ["买", "iphone15", "吗", "红楼", "楼梦"]
