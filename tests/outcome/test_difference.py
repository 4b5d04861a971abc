"""Differences between arms, against another house's figures and against a truth that was planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiefen.outcome.stats import Sample, difference, proportions, sample_ratio, together
from tiefen.outcome.stats.always import factor


class Gamma:
    """Money of 400 people held out and 7,600 sent to, as it was given to GrowthBook's gbstats 0.8.0 (its figures below)."""

    def __init__(self) -> None:
        rng = np.random.default_rng(7)
        self.c = rng.gamma(0.5, 200, 400).round()
        self.t = rng.gamma(0.5, 220, 7600).round()
        self.bc = (self.c * 0.6 + rng.gamma(1, 30, 400)).round()
        self.bt = (self.t * 0.6 + rng.gamma(1, 30, 7600)).round()
        self.sc = rng.integers(1, 9, 400).astype(float)
        self.st = rng.integers(1, 9, 7600).astype(float)


MONEY = Gamma()


def test_means_agree_with_gbstats() -> None:
    found = difference(Sample(MONEY.t), Sample(MONEY.c))

    assert found is not None and found.relative is not None
    assert found.effect == pytest.approx(15.302368421052634, rel=1e-12)
    assert found.interval == pytest.approx((2.115942676950258, 28.48879416515501), rel=1e-9)
    assert found.p == pytest.approx(0.023036477939030853, rel=1e-9)
    assert found.relative == pytest.approx((0.0012523836886058903, 0.3227958649439874), rel=2e-2, abs=2e-3)


def test_ratios_agree_with_gbstats() -> None:
    found = difference(Sample(MONEY.t, MONEY.st), Sample(MONEY.c, MONEY.sc))

    assert found is not None
    assert found.effect == pytest.approx(4.0285868038844725, rel=1e-12)
    assert found.interval == pytest.approx((0.9761355920208854, 7.08103801574806), rel=1e-9)
    assert found.p == pytest.approx(0.009800798632919161, rel=1e-9)


def test_the_past_is_taken_out_as_gbstats_takes_it() -> None:
    """Theirs measures θ over both arms with the effect left in, so the last digits differ."""
    found = difference(Sample(MONEY.t, before=MONEY.bt), Sample(MONEY.c, before=MONEY.bc))

    assert found is not None
    assert found.effect == pytest.approx(3.8813379026857007, rel=1e-3)
    assert found.interval == pytest.approx((-0.8712209558541337, 8.633896761225536), rel=2e-3)
    assert found.variance_cut == pytest.approx(0.87, abs=0.01)


def test_intervals_for_every_look_agree_with_gbstats() -> None:
    found = difference(Sample(MONEY.t), Sample(MONEY.c))
    assert found is not None

    half = factor(8_000 / 5_000) * found.se

    assert (found.effect - half, found.effect + half) == pytest.approx(
        (-5.1463757413300755, 35.751112583435344), rel=1e-9
    )


def test_the_sample_ratio_agrees_with_gbstats() -> None:
    assert sample_ratio({"a": 400, "b": 7600}, {"a": 0.05, "b": 0.95}).p == pytest.approx(1.0)
    assert sample_ratio({"a": 44700, "b": 45489}, {"a": 0.5, "b": 0.5}).p == pytest.approx(0.008607987810836262)


def test_an_arm_that_was_to_have_nobody_and_has_is_an_alarm() -> None:
    assert sample_ratio({"a": 10, "b": 10, "c": 1}, {"a": 0.5, "b": 0.5}).alarm
    assert not sample_ratio({}, {"a": 0.5, "b": 0.5}).alarm


@pytest.mark.parametrize("arms", [([], [1.0, 2.0]), ([1.0], [1.0, 2.0])])
def test_nothing_is_said_of_arms_with_nobody_to_compare(arms: tuple[list[float], list[float]]) -> None:
    assert difference(Sample(np.array(arms[0])), Sample(np.array(arms[1]))) is None
    assert proportions((0, 0), (3, 10)) is None


def test_all_alike_is_no_effect_and_no_error() -> None:
    same = difference(Sample(np.zeros(5)), Sample(np.zeros(9)))

    assert same is not None
    assert (same.effect, same.se, same.p, same.relative) == (0, 0, 1, None)


def test_nobody_who_did_it_still_has_an_interval() -> None:
    found = proportions((30, 1000), (0, 50))

    assert found is not None
    assert found.interval.low < 0 < found.interval.high < 0.05


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=2, max_size=30),
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=2, max_size=30),
)
def test_arms_told_the_other_way_round_say_the_opposite(
    ours: list[tuple[int, int]], theirs: list[tuple[int, int]]
) -> None:
    one, other = (
        Sample(np.array([float(a) for a, _ in arm]), np.array([float(b) for _, b in arm])) for arm in (ours, theirs)
    )

    there, back = difference(one, other), difference(other, one)

    assert there is not None and back is not None
    assert there.effect == pytest.approx(-back.effect)
    assert there.interval == pytest.approx((-back.interval.high, -back.interval.low))


def test_whole_groups_are_compared_and_not_the_people_in_them() -> None:
    """Forty groups whose people are alike within each: taken for 2,400 single people, four in ten false alarms; as groups, one in twenty."""
    rng = np.random.default_rng(3)
    naive = whole = 0
    for _ in range(400):
        sizes = rng.integers(20, 100, 40)
        mood = rng.gamma(4, 0.25, 40)
        people = [rng.poisson(level, size) for level, size in zip(mood, sizes, strict=True)]
        sums = np.array([float(one.sum()) for one in people])
        as_people = difference(
            Sample(np.concatenate(people[:20]).astype(float)), Sample(np.concatenate(people[20:]).astype(float))
        )
        as_groups = difference(Sample(sums[:20], sizes[:20].astype(float)), Sample(sums[20:], sizes[20:].astype(float)))
        assert as_people is not None and as_groups is not None
        naive += not as_people.interval.holds(0)
        whole += not as_groups.interval.holds(0)
    assert naive / 400 > 0.3
    assert 0.02 < whole / 400 < 0.085


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_promise() -> None:
    """A holdout of a twentieth, one order in twelve people, with and without their past."""
    rng = np.random.default_rng(11)
    plain = past = share = 0
    shorter = []
    for _ in range(1_200):
        likes = rng.gamma(0.6, 0.25, 6_000)
        before = rng.poisson(3 * likes).astype(float)
        after = rng.poisson(likes).astype(float)
        after[300:] += rng.poisson(0.05, 5_700)
        one = difference(Sample(after[300:]), Sample(after[:300]))
        two = difference(Sample(after[300:], before=before[300:]), Sample(after[:300], before=before[:300]))
        bought = proportions((float((after[300:] > 0).sum()), 5_700), (float((after[:300] > 0).sum()), 300))
        assert one is not None and two is not None and bought is not None
        plain += one.interval.holds(0.05)
        past += two.interval.holds(0.05)
        truth = (1 - 1.25**-0.6 * np.exp(-0.05)) - (1 - 1.25**-0.6)
        share += bought.interval.holds(truth)
        shorter.append(two.interval.width / one.interval.width)
    assert 0.93 <= plain / 1_200 <= 0.97
    assert 0.93 <= past / 1_200 <= 0.97
    assert 0.93 <= share / 1_200 <= 0.97
    assert np.mean(shorter) < 0.97


def test_where_hardly_anybody_did_anything_the_arms_lend_each_other_their_variance() -> None:
    """A hundred people held out, of whom six buy for very different sums: alone their variance is too small when their mean is."""
    rng = np.random.default_rng(4)
    alone = both = 0
    for _ in range(1_500):
        bought = (rng.random(1_500) < 0.06) * rng.gamma(1, 8_000, 1_500)
        one = difference(Sample(bought[100:]), Sample(bought[:100]))
        assert one is not None
        alone += one.interval.holds(0)
        both += together(one).interval.holds(0)
    assert alone / 1_500 < 0.93
    assert 0.93 <= both / 1_500 <= 0.98
