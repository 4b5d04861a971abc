"""Of many things looked at together the luckiest is not taken for a finding."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiefen.outcome.stats import Sample, always_p, always_valid, difference, holm


def test_holm_by_hand() -> None:
    """.005·4, .01·3, .03·2 and .04·1, none below the one before: what `statsmodels.stats.multitest.multipletests` has too."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([0.04]) == [0.04]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_it_lies_between_none_and_bonferroni_and_keeps_the_order(ps: list[float]) -> None:
    found = holm(ps)

    assert all(p <= q <= min(1.0, len(ps) * p) + 1e-12 for p, q in zip(ps, found, strict=True))
    ranked = sorted(zip(ps, found, strict=True))
    assert all(a[1] <= b[1] for a, b in pairwise(ranked))


def test_without_any_effect_six_measures_of_the_same_people_raise_few_alarms() -> None:
    rng, alone, together = np.random.default_rng(3), 0, 0
    for _ in range(400):
        base = rng.normal(size=400)
        ps = []
        for _ in range(6):
            some = 0.6 * base + 0.8 * rng.normal(size=400)
            found = difference(Sample(some[:200]), Sample(some[200:]))
            assert found is not None
            ps.append(found.p)
        alone += min(ps) < 0.05
        together += min(holm(ps)) < 0.05

    assert alone / 400 > 0.13
    assert together / 400 < 0.07


@given(st.floats(0.05, 3), st.floats(-0.6, 0.6))
def test_the_p_for_every_look_is_below_a_twentieth_just_where_its_interval_holds_no_zero(
    progress: float, effect: float
) -> None:
    some = np.sin(np.arange(200.0))
    found = difference(Sample(some[:100] + effect), Sample(some[100:]))
    assert found is not None
    interval, p = always_valid(found, progress), always_p(found, progress)

    assert (p < 0.05) == (interval.low > 0 or interval.high < 0) or math.isclose(p, 0.05, rel_tol=1e-6)
