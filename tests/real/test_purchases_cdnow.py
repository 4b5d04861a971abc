"""Purchase models against every figure that was published of them on CDNOW. docs/science.md has the table."""

from __future__ import annotations

import numpy as np
import pytest
from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter

from tests.real.cdnow import HOLDOUT, Shop, shop
from tiefen.insight.models.purchases import bg_nbd, gamma_gamma, pareto_nbd
from tiefen.insight.models.purchases.backtest import Backtest, Tracking, backtest, expected_counts, tracking
from tiefen.insight.models.purchases.fitting import Fit
from tiefen.insight.models.purchases.forecasts import forecast
from tiefen.insight.models.purchases.models import BY_NAME, OrderModel
from tiefen.insight.models.purchases.orders import regularity
from tiefen.insight.models.purchases.records import Floats, alike


class Fitted:
    """A model of the sample, and what it said of the weeks that followed."""

    def __init__(self, name: str) -> None:
        self.shop: Shop = shop()
        rows = alike(self.shop.records, who=True)
        self.fit: Fit[OrderModel] = BY_NAME[name].fit_rows(rows)
        assert self.fit.model is not None
        self.model = self.fit.model
        self.expected: Floats = self.model.expected(rows, HOLDOUT)[rows.of]
        self.test: Backtest = backtest(self.expected, self.shop.came)
        self.track: Tracking = tracking(self.model, self.shop.records, HOLDOUT, float(self.shop.came.sum()))

    def chi_square(self) -> float:
        """Of the numbers of people with 0, 1 … 6, 7 and more later orders."""
        seen = np.bincount(np.minimum(self.shop.records.frequency, 7).astype(np.int64))
        awaited = expected_counts(self.model, self.shop.records, 7)
        return float(((seen - awaited) ** 2 / awaited).sum())


@pytest.fixture(scope="module")
def bg() -> Fitted:
    return Fitted("bg_nbd")


@pytest.fixture(scope="module")
def pareto() -> Fitted:
    return Fitted("pareto_nbd")


def test_the_sample_is_the_published_one(bg: Fitted) -> None:
    assert len(bg.shop.records) == 2_357
    assert (bg.shop.records.frequency > 0).sum() == 946
    assert bg.shop.records.frequency.sum() == 2_457
    assert bg.shop.came.sum() == 1_882


def test_bg_nbd_finds_the_published_parameters(bg: Fitted) -> None:
    assert bg.model.values() == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=5e-4)
    assert bg.fit.log_likelihood >= -9_582.4293


def test_bg_nbd_fits_as_well_as_published(bg: Fitted) -> None:
    assert bg.chi_square() == pytest.approx(4.82, abs=0.005)
    assert bg.test.correlation == pytest.approx(0.626, abs=5e-4)
    assert bg.expected[bg.shop.records.frequency == 0].mean() == pytest.approx(0.225, abs=5e-4)


def test_bg_nbd_in_the_weeks_it_had_not_seen(bg: Fitted) -> None:
    assert bg.test.mean_error == pytest.approx(0.7855, abs=5e-5)
    assert bg.test.root_mean_square == pytest.approx(1.608, abs=5e-4)
    assert bg.test.root_mean_square_log == pytest.approx(0.484, abs=5e-4)
    assert bg.test.capture == pytest.approx(0.467, abs=1e-3)
    assert bg.test.best_capture == pytest.approx(0.683, abs=1e-3)


def test_the_error_of_the_added_orders_is_told_and_is_larger_than_the_published_cumulative_one(bg: Fitted) -> None:
    assert bg.track.cumulative_error == pytest.approx(-0.0411, abs=5e-5)
    assert bg.track.increment_error == pytest.approx(-0.114, abs=5e-4)
    assert bg.test.increment_error == pytest.approx(-0.121, abs=1e-3)


def test_all_the_buyers_of_the_shop_give_the_known_figures() -> None:
    fit = bg_nbd.fit(shop(sample=False).records)

    assert fit.people == 23_570
    assert fit.model is not None
    assert fit.model.values() == pytest.approx([0.2516, 4.789, 0.7234, 2.161], abs=5e-4)
    assert fit.log_likelihood == pytest.approx(-95_368.44, abs=0.005)


def test_pareto_nbd_finds_the_published_parameters(pareto: Fitted) -> None:
    assert pareto.model.values() == pytest.approx([0.553, 10.578, 0.606, 11.669], abs=5e-4)
    assert pareto.fit.log_likelihood >= -9_594.977


def test_pareto_nbd_in_the_weeks_it_had_not_seen(pareto: Fitted, bg: Fitted) -> None:
    assert pareto.test.mean_error == pytest.approx(0.7545, abs=5e-5)
    assert pareto.test.root_mean_square == pytest.approx(1.603, abs=5e-4)
    assert pareto.test.root_mean_square_log == pytest.approx(0.488, abs=5e-4)
    assert pareto.test.capture == pytest.approx(0.470, abs=1e-3)
    assert pareto.test.correlation == pytest.approx(0.630, abs=5e-4)
    assert pareto.expected[pareto.shop.records.frequency == 0].mean() == pytest.approx(0.138, abs=5e-4)
    assert np.corrcoef(pareto.expected, bg.expected)[0, 1] == pytest.approx(0.996, abs=1e-3)
    assert pareto.track.cumulative_error == pytest.approx(-0.0159, abs=5e-5)
    assert pareto.track.increment_error == pytest.approx(-0.073, abs=5e-4)
    assert pareto.test.increment_error == pytest.approx(-0.115, abs=5e-4)


def test_gamma_gamma_finds_the_published_parameters() -> None:
    known = shop().records
    some = gamma_gamma.spending(known)
    fit = gamma_gamma.fit(known)

    assert fit.people == 946
    assert fit.model is not None
    p, q, gamma_cents = fit.model.values()
    assert (p, q, gamma_cents / 100) == pytest.approx((6.25, 3.74, 15.44), abs=5e-3)
    assert fit.log_likelihood + 946 * np.log(100) == pytest.approx(-4_055.92, abs=0.005)
    assert fit.model.mean / 100 == pytest.approx(35.17, abs=5e-3)
    assert some.correlation == pytest.approx(0.114, abs=5e-4)


def test_lifetimes_finds_nothing_more_likely(bg: Fitted, pareto: Fitted) -> None:
    known, repeated = shop().records, shop().records.frequency > 0
    columns = known.frequency, known.recency, known.age
    value = known.spent_fen[repeated] / known.frequency[repeated] / 100
    money = GammaGammaFitter().fit(known.frequency[repeated], value)
    cents = money.params_[["p", "q", "v"]].to_numpy() * [1, 1, 100]

    for ours, likelihood, theirs in (
        (bg.fit, bg_nbd.likelihood(alike(known)), BetaGeoFitter().fit(*columns).params_.to_numpy()),
        (pareto.fit, pareto_nbd.likelihood(alike(known)), ParetoNBDFitter().fit(*columns).params_.to_numpy()),
        (gamma_gamma.fit(known), gamma_gamma.likelihood(gamma_gamma.spending(known)), cents),
    ):
        assert ours.model is not None
        assert theirs == pytest.approx(ours.model.values(), rel=5e-3)
        assert likelihood(np.log(theirs))[0] <= ours.log_likelihood + 1e-6
        assert likelihood(np.log(ours.model.values()))[0] == pytest.approx(ours.log_likelihood, abs=1e-6)


def test_lifetimes_expects_the_same_of_each_person(bg: Fitted, pareto: Fitted) -> None:
    known = shop().records
    columns = known.frequency, known.recency, known.age
    for ours, theirs in ((bg, BetaGeoFitter().fit(*columns)), (pareto, ParetoNBDFitter().fit(*columns))):
        rows = alike(known, who=True)
        named = type(theirs.params_)(ours.model.values(), index=theirs.params_.index)
        theirs.params_ = named

        alive = np.asarray(theirs.conditional_probability_alive(*columns))
        expected = np.asarray(theirs.conditional_expected_number_of_purchases_up_to_time(HOLDOUT, *columns))

        assert alive == pytest.approx(ours.model.alive(rows)[rows.of], rel=1e-6)
        assert expected == pytest.approx(ours.expected, rel=1e-6)


@pytest.mark.parametrize("name", ["bg_nbd", "pareto_nbd"])
def test_four_of_five_people_order_within_their_bounds(name: str) -> None:
    known = shop()
    found = forecast(known.records, HOLDOUT, model=name, regularity=regularity(known.visits))
    low, high = (found.table[column].to_numpy() for column in ("orders_low", "orders_high"))

    inside = (known.came >= low) & (known.came <= high)

    assert 0.8 <= inside.mean() <= 0.95
    assert found.orders is not None and found.orders.low is not None and found.orders.high is not None
    assert found.orders.low < found.orders.value < found.orders.high


def test_these_buyers_space_their_orders_almost_by_chance() -> None:
    assert regularity(shop(sample=False).visits).shape == pytest.approx(1.13, abs=0.01)
