"""Whether a group will fall silent, since when that could be seen, how it grows; and what is said where nothing can be."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.insight.scenes import Scene, tables_of, window_of
from tiefen.insight.engine import Tables, opened
from tiefen.insight.metrics.groups import silence_risk_30d, silence_risk_60d, silence_risk_90d
from tiefen.insight.models.life.grid import Spoken, parts
from tiefen.insight.models.life.growth import POINTS, grown
from tiefen.insight.models.life.hazard import Hazard, calibrated, fit, shipped
from tiefen.insight.models.life.learning import kept, learn, lines, model_path, save
from tiefen.insight.models.life.silence import QUIET_DAYS, Watched
from tiefen.insight.models.talk.model import models_of
from tiefen.insight.past import as_it_was
from tiefen.insight.tables import group_days, group_life
from tiefen.insight.window import Window
from tiefen.kit.settings import Settings

TODAY = date(2026, 11, 26)
LIVELY, FADING, SILENT, GONE, ONE_WORD, QUIET_CROWD = range(201, 207)


def _village() -> Scene:
    scene = Scene()
    for back in range(200, -1, -1):
        day = f"{TODAY - timedelta(days=back):%Y-%m-%d}"
        for who in range(1, 6):
            scene.says(who, f"{day} 09:0{who}", group=LIVELY)
        if back > 60 or back in (40, 25, 12):
            scene.says(1 + back % 3, f"{day} 10:00", group=FADING)
        if back > 45 or back in range(75, 46, 4):
            scene.says(1 + back % 2, f"{day} 11:00", group=SILENT)
        if back > 5:
            scene.says(2, f"{day} 12:00", group=GONE)
    scene.says(7, "2026-11-26 09:00", group=ONE_WORD)
    scene.group(GONE, dismissed="2026-11-21 08:00")
    for who in range(1, 40):
        scene.stays(who, f"2026-{1 + who // 5:02d}-01", group=QUIET_CROWD)
    return scene


def _lives(t: Tables, w: Window) -> pa.Table:
    days = t.arrow(group_days.of(t, w, {}).order_by("group", "day"))
    return group_life.of(t, w, {"group_days": days})


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The lives of the village's groups, and what the metrics say of the same day."""
    snapshot = _village().snapshot()
    window = window_of(snapshot)
    with tables_of(snapshot, tmp_path_factory.mktemp("village"), keeping=True) as t:
        lives = {row["group"]: row for row in _lives(t, window).to_pylist()}
        metrics = {
            days: {row["group"]: row["part"] for row in t.arrow(metric.METRIC.of(t, window)).to_pylist()}
            for days, metric in ((30, silence_risk_30d), (60, silence_risk_60d), (90, silence_risk_90d))
        }
    return {"lives": lives, "metrics": metrics}


@pytest.mark.parametrize("days", [30, 60, 90])
def test_the_metric_and_the_model_say_the_same_of_today(told: dict[str, Any], days: int) -> None:
    by_model = {g: row[f"p_silence_{days}"] for g, row in told["lives"].items() if row[f"p_silence_{days}"] is not None}

    assert told["metrics"][days] == pytest.approx(by_model, rel=1e-9)
    assert set(by_model) == {LIVELY, FADING, ONE_WORD}


def test_a_longer_time_ahead_is_never_less_likely_to_see_a_silence(told: dict[str, Any]) -> None:
    for row in told["lives"].values():
        if row["p_silence_30"] is not None:
            assert 0 < row["p_silence_30"] <= row["p_silence_60"] <= row["p_silence_90"] < 1


def test_who_fades_is_likelier_to_fall_silent_than_who_is_lively_and_says_why(told: dict[str, Any]) -> None:
    lively, fading = told["lives"][LIVELY], told["lives"][FADING]

    assert lively["p_silence_30"] < 0.05 < 0.3 < fading["p_silence_30"]
    assert fading["warned_on"] is not None and lively["warned_on"] is None
    reasons = {reason["key"]: reason for reason in json.loads(fading["drivers"])}
    assert reasons["silent"]["push"] > 0 > reasons["active_90d"]["push"]
    assert (reasons["silent"]["zh"], reasons["silent"]["en"]) == ("12 天没有人说话", "nobody has spoken for 12 days")


def test_of_who_is_silent_it_is_told_since_when_and_when_that_could_be_seen(told: dict[str, Any]) -> None:
    silent = told["lives"][SILENT]

    assert silent["silent_since"] == TODAY - timedelta(days=45)
    assert silent["fallback"] == "silent_already"
    assert silent["p_silence_30"] is None
    assert silent["warned_on"] is not None and silent["warned_on"] < silent["silent_since"] + timedelta(days=QUIET_DAYS)


def test_what_cannot_be_foretold_has_no_number_and_says_why(told: dict[str, Any]) -> None:
    gone, crowd = told["lives"][GONE], told["lives"][QUIET_CROWD]

    assert (gone["stage"], gone["since"], gone["fallback"]) == ("dormant", date(2026, 11, 21), "dismissed")
    assert (crowd["grade"], crowd["fallback"]) == ("A", "no_messages")
    assert gone["p_silence_30"] is None and crowd["p_silence_30"] is None
    assert told["lives"][LIVELY]["fallback"] == "few_groups"


def test_the_stages_of_a_group_follow_each_other_without_a_gap_up_to_today(told: dict[str, Any]) -> None:
    for row in told["lives"].values():
        stages = json.loads(row["stages"])
        assert (stages[-1]["stage"], stages[-1]["end"]) == (row["stage"], str(TODAY))
        for before, after in pairwise(stages):
            assert date.fromisoformat(after["start"]) == date.fromisoformat(before["end"]) + timedelta(days=1)


def test_of_nothing_nothing_is_told(tmp_path: Path) -> None:
    snapshot = Scene().snapshot()
    with tables_of(snapshot, tmp_path, keeping=True) as t:
        assert _lives(t, window_of(snapshot)).num_rows == 0


# ---- what is learned ----


def _spoken(groups: int, days: int, lots: np.random.Generator) -> Spoken:
    """Groups with a rhythm each; two in three stop for good at some day."""
    rows = []
    for group in range(groups):
        chance, stops = lots.uniform(0.15, 0.9), lots.integers(60, int(days * 1.5))
        for day in range(days):
            # Whoever stops has been slowing down for a month.
            slow = min(1.0, max(0.05, (stops - day) / 40))
            if day == 0 or (day < stops and lots.random() < chance * slow):
                rows.append((group, day, 1 + lots.poisson(5 * chance * slow), 1 + lots.poisson(2 * chance * slow)))
    return Spoken(*np.array(rows, np.int64).T)


def test_a_brand_with_enough_silences_has_its_own_coefficients_and_they_are_kept(tmp_path: Path) -> None:
    spoken = _spoken(60, 300, np.random.default_rng(3))
    some = lines(spoken, 299)

    hazard, why = learn(some, 299)

    assert some is not None
    assert why is None and hazard.learned_from == "own"
    assert not np.allclose(hazard.coefficients, shipped().coefficients)
    known, fell = some.within(30)
    told = hazard.within(some.x[known])[:, 0]
    assert told.mean() == pytest.approx(fell.mean(), abs=0.08)
    assert told[fell].mean() > told[~fell].mean() + 0.15


@pytest.mark.parametrize(("groups", "days", "why"), [(5, 300, "few_groups"), (30, 50, "few_silences")])
def test_a_brand_with_too_little_of_its_own_has_the_shipped_ones_and_says_so(groups: int, days: int, why: str) -> None:
    hazard, reason = learn(lines(_spoken(groups, days, np.random.default_rng(3)), days - 1), days - 1)

    assert (hazard, reason) == (shipped(), why)


def test_what_was_kept_comes_back_and_what_is_damaged_gives_way_to_the_shipped(tmp_path: Path) -> None:
    path = model_path(tmp_path)
    assert kept(path) is shipped()

    path.write_text('{"features": []}', "utf-8")
    assert kept(path) is shipped()
    again = Hazard.of(json.loads(json.dumps(shipped().numbers())))
    assert np.array_equal(again.coefficients, shipped().coefficients)


def test_a_reading_of_a_past_day_leaves_the_coefficients_of_the_present_alone(tmp_path: Path) -> None:
    scene, day = _village(), TODAY - timedelta(days=3)
    snapshot, settings = scene.snapshot(), Settings(data=tmp_path)
    present = model_path(models_of(tmp_path, snapshot.corp_id))
    save(shipped(), present)
    then = as_it_was(snapshot, day)

    with opened(then, settings, until_us=then.taken_us + 1) as t:
        _lives(t, Window.ending(day, 90))
        past = t.silence_path

    assert kept(present).numbers() == shipped().numbers()
    assert present.exists()
    assert past == model_path(present.parent, day)


def test_lines_that_are_all_alike_or_all_fell_silent_give_no_coefficients() -> None:
    x = np.ones((50, 11))
    never = Watched(np.arange(50), np.zeros(50, np.int64), x, np.full(50, np.inf), np.full(50, 90))
    always = Watched(np.arange(50), np.zeros(50, np.int64), x, np.full(50, 1.0), np.full(50, 90))

    assert fit(never) is None and fit(always) is None
    assert np.array_equal(calibrated(shipped(), never).coefficients, shipped().coefficients)


def test_a_message_flood_and_a_single_word_leave_the_chances_between_nothing_and_one() -> None:
    day = np.r_[np.arange(100), 99]
    spoken = Spoken(
        np.r_[np.zeros(100, np.int64), 1], day, np.r_[np.full(100, 50_000), 1], np.r_[np.full(100, 9_000), 1]
    )
    (grid,) = parts(spoken, 99)
    some = learn(None, 99)[0].within(lines(spoken, 99).x)  # type: ignore[union-attr]

    assert grid.messages.sum() == 5_000_001
    assert ((some > 0) & (some < 1)).all()


# ---- how it grows ----


@pytest.mark.parametrize(
    "curve",
    [
        lambda t: 40 * t**0.5,
        lambda t: 300 / (1 + 80 * np.exp(-t / 25)),
        lambda t: 500 / (1 + 60 * np.exp(-1.2 * t**0.4)),
    ],
    ids=["power law", "logistic", "NetTide"],
)
def test_the_curve_is_chosen_that_told_the_last_fifth_best_and_tells_the_next_weeks(curve: Any) -> None:
    at = np.arange(1, POINTS + 1) / POINTS * 200

    found = grown(np.round(curve(at))[None, :], np.array([200]))

    assert found.error[0] == found.errors[0].min() < 0.03
    assert found.ahead_30[0] == pytest.approx(curve(230.0) - curve(200.0), rel=0.2, abs=4)


def test_a_group_that_was_filled_on_its_first_day_grows_no_more_and_a_young_one_is_not_foretold() -> None:
    found = grown(np.full((2, POINTS), 50.0), np.array([200, 20]))

    assert found.ahead_30[0] < 2
    assert found.curve[1] == -1 and np.isnan(found.ahead_30[1])
