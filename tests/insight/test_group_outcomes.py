"""Four outcomes of a group, each by itself: how sure, going where, and where among its like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.insight.scenes import BOOKS, POETS, Scene, tables_of, window_of
from tiefen.insight.kernels.outcomes import LEAST_PEERS, Windows, bounds, peers, share_bounds, trend
from tiefen.insight.tables import group_days, group_outcomes

TODAY = date(2026, 11, 26)
NOT_KNOWN = np.nan


def windows(part: Sequence[float], whole: Sequence[float], moved: Sequence[float] | None = None) -> Windows:
    """Of one group, the newest first."""
    return Windows(*(np.array([row], np.float64) for row in (part, whole, moved or [0.0] * len(part))))


def test_a_share_of_few_is_less_sure_than_the_same_of_many_and_nothing_of_nothing_is_known() -> None:
    low, high = share_bounds(np.array([5.0, 500.0, 0.0, 10.0]), np.array([10.0, 1000.0, 0.0, 10.0]))

    assert low[0] == pytest.approx(0.2366, abs=1e-4) and high[0] == pytest.approx(0.7634, abs=1e-4)
    assert high[1] - low[1] < 0.07
    assert np.isnan(low[2]) and np.isnan(high[2])
    assert low[3] < 0.8 and high[3] == pytest.approx(1.0)


def test_the_bounds_of_shares_hold_as_often_as_they_say() -> None:
    lots = np.random.default_rng(5)
    part = lots.binomial(40, 0.3, 4_000).astype(float)
    low, high = share_bounds(part, np.full(4_000, 40.0))

    assert ((low <= 0.3) & (high >= 0.3)).mean() == pytest.approx(0.95, abs=0.02)


def test_a_steady_fall_is_a_trend_and_a_flat_line_is_none_however_exact_it_is() -> None:
    fall, low, high = trend(windows([20, 30, 40, 50, 60, 70], [100] * 6), "retention")
    flat, flat_low, flat_high = trend(windows([30] * 6, [30] * 6), "survival")

    assert fall[0] == pytest.approx(-0.1, abs=0.01) and low[0] < fall[0] < high[0] < 0
    assert flat_low[0] < flat[0] < flat_high[0] and flat[0] == 0


def test_the_trend_of_volume_is_relative_and_three_windows_are_too_few() -> None:
    halves = [100, 200, 400, 800, 1600, 3200]
    falling, _, high = trend(windows(halves, [30] * 6, [n**2 / 30 for n in halves]), "volume")
    few, _, _ = trend(windows([5, 5, 5, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN], [30] * 6), "survival")

    assert falling[0] == pytest.approx(-0.5, abs=0.01) and high[0] < 0
    assert np.isnan(few[0])


def test_zero_messages_may_still_be_a_few_and_growth_is_as_unsure_as_its_comings_and_goings() -> None:
    none_low, none_high = bounds(windows([0], [30]), "volume")
    calm, busy = (bounds(windows([10], [100], [moved]), "growth") for moved in (10, 200))

    assert (none_low[0], none_high[0]) == (0.0, 0.1)
    assert busy[1][0] - busy[0][0] > 3 * (calm[1][0] - calm[0][0])


def test_peers_are_of_like_size_and_age_and_too_few_give_no_place() -> None:
    size = np.array([100.0] * 8 + [1_000.0] * 3 + [100.0])
    age = np.array([200.0] * 11 + [20.0])
    values = np.arange(12.0)[:, None]
    values[7] = NOT_KNOWN

    counted, rank = peers(size, age, values)

    assert counted[:7, 0].tolist() == [6] * 7
    assert rank[:7, 0].tolist() == [7, 6, 5, 4, 3, 2, 1]
    assert (rank[7:, 0] == -1).all() and (counted[7:, 0] < LEAST_PEERS).all()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[int, str, str], dict[str, float]]]:
    """The books' club talks; of the poets only memberships are known."""
    scene = Scene()
    for back in range(179, -1, -1):
        day = f"{TODAY - timedelta(days=back):%Y-%m-%d}"
        for who in range(1, 3 + back // 40):
            if back % 2 == 0:
                scene.says(who, f"{day} 09:00")
    for who in range(1, 41):
        left = "2026-11-10" if who <= 8 else None
        scene.stays(who, "2026-06-01", left, group=POETS)
    scene.stays(60, "2026-11-12", group=POETS)
    snapshot = scene.snapshot("2026-11-26 20:00")
    window = window_of(snapshot)
    with tables_of(snapshot, tmp_path_factory.mktemp("outcomes"), keeping=True) as t:
        days = t.arrow(group_days.of(t, window, {}).order_by("group", "day"))
        rows = group_outcomes.of(t, window, {"group_days": days}).to_pylist()
    yield {(row["group"], row["outcome"], row["grade"]): row for row in rows}


def test_both_grades_are_told_apart_and_what_memberships_cannot_tell_is_not_told(
    told: dict[tuple[int, str, str], dict[str, float]],
) -> None:
    growth, stayed = told[POETS, "growth", "A"], told[POETS, "retention", "A"]

    assert (growth["part"], growth["whole"]) == (-7, 40)
    assert (stayed["part"], stayed["whole"]) == (32, 40)
    assert (told[POETS, "survival", "A"]["part"], told[POETS, "survival", "A"]["whole"]) == (33, 40)
    assert told[POETS, "volume", "B"]["whole"] == 0 and told[POETS, "volume", "B"]["low"] is None
    assert (POETS, "volume", "A") not in told


def test_a_club_that_talks_less_and_less_shows_it_in_every_outcome_it_has(
    told: dict[tuple[int, str, str], dict[str, float]],
) -> None:
    volume, survival = told[BOOKS, "volume", "B"], told[BOOKS, "survival", "B"]

    assert (volume["part"], volume["whole"]) == (30, 30)
    assert volume["trend_high"] < 0
    assert (survival["part"], survival["whole"]) == (15, 30)
    assert volume["low"] < 1 < volume["high"]
    assert volume["peer_rank"] is None


def test_of_no_groups_there_are_no_rows(tmp_path: Path) -> None:
    snapshot = Scene().snapshot()
    with tables_of(snapshot, tmp_path, keeping=True) as t:
        days = t.arrow(group_days.of(t, window_of(snapshot), {}))
        assert group_outcomes.of(t, window_of(snapshot), {"group_days": days}).num_rows == 0
