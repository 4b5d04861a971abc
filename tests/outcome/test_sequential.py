"""Looking more than once: the constants of the books, and what looking daily costs with and without them."""

from __future__ import annotations

import numpy as np
import pytest

from tiefen.outcome.stats import Interval, Sample, always_valid, difference
from tiefen.outcome.stats.always import EARLIEST, factor
from tiefen.outcome.stats.planning import least_effect, units_needed
from tiefen.outcome.stats.sequential import crossing, lan_demets, obrien_fleming, pocock
from tiefen.outcome.stats.verdicts import FEWEST, verdict

FIVE = [0.2, 0.4, 0.6, 0.8, 1.0]


def test_the_constants_are_those_of_jennison_and_turnbull() -> None:
    assert obrien_fleming(5)[-1] == pytest.approx(2.040, abs=0.001)
    assert pocock(5)[0] == pytest.approx(2.413, abs=0.001)
    assert lan_demets(FIVE) == pytest.approx([4.877, 3.357, 2.680, 2.290, 2.031], abs=0.001)
    assert sum(crossing([1.96] * 5, FIVE)) == pytest.approx(0.142, abs=0.001)


def test_looks_that_come_when_they_come_cost_no_more() -> None:
    at = [0.1, 0.15, 0.5, 0.77, 1.0]

    assert sum(crossing(lan_demets(at), at)) == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize("at", [[], [0.5, 0.5], [0.6, 0.4], [0.0, 1.0], [0.5, 1.5]])
def test_looks_out_of_order_are_refused(at: list[float]) -> None:
    with pytest.raises(ValueError, match="looks"):
        lan_demets(at)


def test_before_anything_was_seen_anything_may_be() -> None:
    found = difference(Sample(np.array([1.0, 2.0])), Sample(np.array([0.0, 1.0])))
    assert found is not None

    assert always_valid(found, 0.0) == Interval(-np.inf, np.inf)
    assert always_valid(found, 1.0).width >= found.interval.width
    assert verdict(None, Interval(1, 2), "more", did=100) == "too_few"


@pytest.mark.parametrize(
    ("interval", "better", "says"),
    [
        ((0.1, 0.3), "more", "better"),
        ((-0.3, -0.1), "more", "worse"),
        ((0.1, 0.3), "less", "worse"),
        ((-0.3, -0.1), "less", "better"),
        ((-0.1, 0.1), "more", "cannot_tell"),
    ],
)
def test_an_interval_says_one_thing(interval: tuple[float, float], better: str, says: str) -> None:
    estimate = difference(Sample(np.array([1.0, 2.0])), Sample(np.array([0.0, 1.0])))

    assert verdict(estimate, Interval(*interval), better, did=50) == says  # type: ignore[arg-type]
    assert verdict(estimate, Interval(*interval), better, did=2) == "too_few"  # type: ignore[arg-type]


def test_looking_at_every_newcomer_fools_nobody() -> None:
    """5,000 pairs, a look at each from the hundredth on, no effect: 1.96 is exceeded by more than four in ten, the interval by ≤ 5 %."""
    rng = np.random.default_rng(5)
    n = np.arange(1, 5_001)
    bounds = np.array([factor(k / 5_000) for k in n])
    naive = always = 0
    for _ in range(600):
        z = np.cumsum(rng.exponential(1, 5_000) - rng.exponential(1, 5_000)) / np.sqrt(2 * n)
        naive += bool((np.abs(z[99:]) > 1.96).any())
        always += bool((np.abs(z[99:]) > bounds[99:]).any())
    assert naive / 600 > 0.4
    assert always / 600 <= 0.05


@pytest.mark.slow
def test_looking_daily_at_people_who_buy_again_and_again_fools_nobody() -> None:
    """Everybody is drawn on the first day, their orders come over twenty; the figure looked at is what each has bought so far."""
    rng = np.random.default_rng(6)
    naive = always = 0
    for _ in range(400):
        likes = rng.gamma(0.5, 0.02, 1_500)
        orders = rng.poisson(likes[:, None], (1_500, 20)).cumsum(axis=1).astype(float)
        low = high = False
        for day in range(1, 21):
            now = difference(Sample(orders[150:, day - 1]), Sample(orders[:150, day - 1]))
            assert now is not None
            low |= now.p < 0.05
            if day / 20 >= EARLIEST and (orders[:, day - 1] > 0).sum() >= FEWEST:
                high |= not always_valid(now, day / 20).holds(0)
        naive += low
        always += high
    assert naive / 400 > 0.12
    assert always / 400 <= 0.05


def test_what_could_be_found_and_how_many_it_takes_are_one_sum() -> None:
    units = units_needed(0.02, 0.25, holdout=0.05)
    assert units is not None

    assert least_effect(units * 0.95, units * 0.05, 0.25) == pytest.approx(0.02, rel=1e-3)
    assert units_needed(0.02, 0.25, holdout=0.05, kept=0.5) == pytest.approx(units / 2, abs=1)
    assert units_needed(0.0, 0.25, holdout=0.05) is None
    assert units_needed(0.02, 0.25, holdout=0.0) is None
    assert least_effect(100, 0, 1.0) is None


def test_the_power_promised_is_the_power_there_is() -> None:
    rng = np.random.default_rng(8)
    effect = least_effect(900, 100, 1.0)
    assert effect is not None
    found = 0
    for _ in range(600):
        one = difference(Sample(rng.normal(effect, 1, 900)), Sample(rng.normal(0, 1, 100)))
        assert one is not None
        found += one.p < 0.05
    assert 0.75 < found / 600 < 0.85
