"""Forecasts of people's orders and money: as sure as they say, and honest where nothing can be known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.insight.purchases import PUBLISHED, PUBLISHED_PARETO, simulated, told
from tiefen.insight.models.purchases import forecasts, gamma_gamma
from tiefen.insight.models.purchases.backtest import backtest, expected_by, expected_counts, tracking
from tiefen.insight.models.purchases.bg_nbd import BgNbd
from tiefen.insight.models.purchases.fitting import WHY
from tiefen.insight.models.purchases.forecasts import SCHEMA, Forecast, forecast
from tiefen.insight.models.purchases.gamma_gamma import GammaGamma
from tiefen.insight.models.purchases.models import BY_NAME
from tiefen.insight.models.purchases.pareto_nbd import ParetoNbd
from tiefen.insight.models.purchases.records import Records
from tiefen.insight.models.purchases.rhythm import Regularity

NAMES = sorted(BY_NAME)


def columns(found: Forecast) -> dict[str, list[Any]]:
    listed: dict[str, list[Any]] = found.table.to_pydict()
    return listed


@pytest.mark.parametrize("truth", [PUBLISHED, PUBLISHED_PARETO], ids=NAMES)
def test_four_of_five_people_pay_within_their_bounds(truth: BgNbd | ParetoNbd) -> None:
    known, came, paid = simulated(truth, 8_000, age=(20, 60), horizon=40)

    found = columns(forecast(known, 40.0, model="bg_nbd" if truth is PUBLISHED else "pareto_nbd"))

    for low, high, happened in (("orders_low", "orders_high", came), ("money_low_fen", "money_high_fen", paid)):
        least, most = np.array(found[low], float), np.array(found[high], float)
        assert ((happened >= least) & (happened <= most)).mean() >= 0.79
        assert (happened < least).mean() <= 0.11
    some = most > 0
    assert (paid > most)[some].mean() == pytest.approx(0.1, abs=0.015)


def test_the_total_lies_within_its_bounds_about_as_often_as_it_says() -> None:
    inside = []
    for seed in range(15):
        known, came, paid = simulated(PUBLISHED, 1_000, age=(20, 60), horizon=20, seed=seed)
        found = forecast(known, 20.0)
        for total, happened in ((found.orders, came.sum()), (found.money_fen, paid.sum())):
            assert total is not None and total.low is not None and total.high is not None
            inside.append(total.low <= happened <= total.high)

    assert np.mean(inside) == pytest.approx(0.8, abs=0.15)


def test_a_row_says_what_made_it() -> None:
    known, _, _ = simulated(PUBLISHED, 3_000, age=(20, 60), horizon=0)

    found = forecast(known, 10.0)

    assert found.table.schema == SCHEMA
    assert found.table["person"].to_pylist() == known.person.tolist()
    assert (found.orders_by, found.money_by, found.why) == ("bg_nbd", "gamma_gamma", "")
    assert set(columns(found)["orders_by"]) == {"bg_nbd"}
    assert found.orders is not None and found.orders.value == pytest.approx(sum(columns(found)["orders"]))
    assert found.correlation == pytest.approx(0, abs=0.1)


def test_somebody_regular_who_is_silent_is_slipping_away_and_somebody_of_chance_is_not() -> None:
    known, _, _ = simulated(PUBLISHED, 3_000, age=(20, 60), horizon=0)
    late = Records(
        np.append(known.person, 9_999), np.append(known.frequency, 6.0), np.append(known.recency, 30.0),
        np.append(known.age, 42.5), np.append(known.spent_fen, 6_000.0),
    )  # fmt: skip

    for shape, slips in ((4.0, True), (1.0, False)):
        row = forecast(late, 10.0, regularity=Regularity(shape, 99)).table.to_pylist()[-1]
        assert (row["person"], row["slipping"]) == (9_999, slips)
        assert 0 < row["silence"] < 1


def test_with_no_horizon_nothing_is_to_come() -> None:
    known, _, _ = simulated(PUBLISHED, 3_000, age=(20, 60), horizon=0)

    found = forecast(known, 0.0)

    assert set(columns(found)["orders"]) == {0.0}
    assert set(columns(found)["money_high_fen"]) == {0}


# --- bad input ------------------------------------------------------------------------------------


def test_of_nobody_nothing_is_said() -> None:
    for name in NAMES:
        found = forecast(told(), 30.0, model=name)
        assert (found.table.num_rows, found.why, found.orders) == (0, "nobody", None)


def test_of_people_who_all_came_today_nothing_is_known_yet() -> None:
    found = forecast(told(*[(0, 0, 0)] * 50), 30.0)

    assert (found.orders_by, found.why) == ("unknown", "no_time")
    assert set(columns(found)["orders"]) == {None}
    assert set(columns(found)["money_fen"]) == {None}


def test_where_nobody_came_back_yet_few_orders_are_expected_and_not_none() -> None:
    found = forecast(told(*[(0, 0, float(age)) for age in range(1, 101)]), 30.0)

    assert (found.orders_by, found.why) == ("pooled_rate", "nobody_repeats")
    assert columns(found)["orders"][0] == pytest.approx(0.5 / 5_050 * 30)
    for unknown in ("alive", "orders_low", "orders_high", "silence", "money_fen"):
        assert set(columns(found)[unknown]) == {None}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "people",
    [
        [(1, 5, 10)],
        [(0, 0, 10)],
        [(3, 5, 10)] * 200,
        [(2, 0, 10)] * 30 + [(0, 0, 10)] * 30,
        [(5, 10, 10)] * 30 + [(5, 10, 12)] * 30,
        [(4, age * 0.99, age) for age in range(10, 60)],
        [(0, 0, 10), (1, 3, 10)],
    ],
    ids=["one who came back", "one who did not", "all alike", "identical times", "never silent", "by the clock", "two"],
)
def test_a_model_that_cannot_be_told_says_why_and_a_simple_estimate_takes_its_place(
    name: str, people: list[tuple[float, float, float]]
) -> None:
    found = forecast(told(*people, spent=tuple(100.0 * x for x, _, _ in people)), 10.0, model=name)
    listed = columns(found)

    assert found.orders_by == "pooled_rate"
    assert all(WHY[found.why])
    assert set(listed["alive"]) == set(listed["orders_high"]) == {None}
    later, time = sum(x for x, _, _ in people), sum(age for _, _, age in people)
    assert listed["orders"][0] == pytest.approx((later + 0.5) / time * 10)
    assert found.orders is not None and found.orders.low is None


def test_where_everybody_pays_the_same_the_mean_is_told_as_a_mean() -> None:
    known, _, _ = simulated(PUBLISHED, 3_000, age=(20, 60), horizon=0)
    same = Records(known.person, known.frequency, known.recency, known.age, 990 * known.frequency)

    found = forecast(same, 10.0)

    assert (found.orders_by, found.money_by, found.why_money) == ("bg_nbd", "pooled_mean", "all_alike")
    assert columns(found)["money_fen"][7] == round(columns(found)["orders"][7] * 990)
    assert set(columns(found)["money_high_fen"]) == {None}


def test_where_nobody_pays_anything_money_is_unknown() -> None:
    known, _, _ = simulated(PUBLISHED, 3_000, age=(20, 60), horizon=0)
    free = Records(known.person, known.frequency, known.recency, known.age, 0 * known.frequency)

    found = forecast(free, 10.0)

    assert (found.orders_by, found.money_by, found.money_fen) == ("bg_nbd", "unknown", None)
    assert set(columns(found)["money_fen"]) == {None}


def test_of_somebody_who_came_back_for_nothing_money_has_no_bounds() -> None:
    known, _, _ = simulated(PUBLISHED, 3_000, age=(20, 60), horizon=0)
    who = int(np.flatnonzero(known.frequency == 2)[0])
    spent = known.spent_fen.copy()
    spent[who] = 0

    row = forecast(Records(known.person, known.frequency, known.recency, known.age, spent), 10.0).table.to_pylist()[who]

    assert row["money_fen"] > 0
    assert (row["money_low_fen"], row["money_high_fen"]) == (None, None)


def test_a_heavy_tail_of_values_has_no_mean_and_gamma_gamma_says_so() -> None:
    dice = np.random.default_rng(1)
    values = np.rint(100 * (1 + dice.pareto(0.5, 3_000)))
    known = told(*[(1.0, 1.0, 2.0)] * 3_000, spent=tuple(values))

    fit = gamma_gamma.fit(known)

    assert fit.model is None
    assert fit.why in ("no_mean", "flat", "at_the_edge")


def test_mean_of_all_is_infinite_where_the_tail_is() -> None:
    assert GammaGamma(6.0, 0.9, 10.0).mean == float("inf")


def test_parameters_that_leave_everything_open_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    known, _, _ = simulated(PUBLISHED, 3_000, age=(20, 60), horizon=0)
    monkeypatch.setattr(forecasts, "UNSURE", 0.001)

    found = forecast(known, 10.0)

    assert (found.orders_by, found.why) == ("pooled_rate", "unsure")


# --- looking back ---------------------------------------------------------------------------------


def test_a_perfect_forecast_has_no_error_and_the_best_capture() -> None:
    came = np.array([0.0] * 18 + [5.0, 15.0])

    test = backtest(came, came)

    assert (test.mean_error, test.root_mean_square, test.increment_error) == (0, 0, 0)
    assert test.correlation == pytest.approx(1)
    assert test.capture == test.best_capture == 1


def test_ties_at_the_border_of_the_tenth_are_shared_out() -> None:
    assert backtest(np.ones(20), np.arange(20.0)).capture == pytest.approx(0.1)


def test_where_nothing_came_nothing_is_divided_by_it() -> None:
    test = backtest(np.ones(20), np.zeros(20))

    assert (test.increment_error, test.capture, test.correlation) == (None, None, None)
    assert backtest(np.empty(0), np.empty(0)).people == 0


@pytest.mark.parametrize("truth", [PUBLISHED, PUBLISHED_PARETO], ids=NAMES)
def test_the_orders_of_all_are_tracked_over_time(truth: BgNbd | ParetoNbd) -> None:
    known, came, _ = simulated(truth, 30_000, age=(20, 60), horizon=30)

    track = tracking(truth, known, 30.0, float(came.sum()))

    assert track.cumulative_error == pytest.approx(0, abs=0.03)
    assert track.increment_error == pytest.approx(0, abs=0.05)


def test_people_who_have_not_come_yet_order_nothing() -> None:
    assert expected_by(PUBLISHED, np.array([-5.0, -1.0]), np.array([0.0, 1.0])).tolist() == [0, 0]


@pytest.mark.parametrize("truth", [PUBLISHED, PUBLISHED_PARETO], ids=NAMES)
def test_as_many_people_come_back_so_many_times_as_expected(truth: BgNbd | ParetoNbd) -> None:
    known, _, _ = simulated(truth, 20_000, age=(30, 30.001), horizon=0)

    awaited = expected_counts(
        truth, Records(known.person, known.frequency, known.recency, np.full(20_000, 30.001), known.spent_fen), 4
    )

    assert awaited.sum() == pytest.approx(20_000)
    assert np.bincount(np.minimum(known.frequency, 4).astype(int)) == pytest.approx(awaited, abs=4 * 20_000**0.5)
