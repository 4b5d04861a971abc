"""Two published experiments, analysed by the code that analyses ours."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.real.cdnow import shop
from tests.real.world import frame_of
from tiefen.outcome.stats import Estimate, Sample, difference, proportions, sample_ratio
from tiefen.outcome.stats.always import always_valid

MENS, WOMENS, NONE = "mens_email", "womens_email", "control"


@pytest.fixture(scope="module")
def hillstrom(real_data: object) -> dict[str, pd.DataFrame]:
    return {str(arm): rows for arm, rows in frame_of("uplift_hillstrom").groupby("arm")}


def shares(arms: dict[str, pd.DataFrame], arm: str, what: str) -> Estimate:
    found = proportions(
        (float(arms[arm][what].sum()), len(arms[arm])), (float(arms[NONE][what].sum()), len(arms[NONE]))
    )
    assert found is not None
    return found


def money(arms: dict[str, pd.DataFrame], arm: str, *, past: bool = False) -> Estimate:
    ours, theirs = (
        Sample(one.spend.to_numpy(float), before=one.history.to_numpy(float) if past else None)
        for one in (arms[arm], arms[NONE])
    )
    found = difference(ours, theirs)
    assert found is not None
    return found


def test_the_e_mails_lifted_what_was_published(hillstrom: dict[str, pd.DataFrame]) -> None:
    """Visits +7.66 and +4.52 points, orders +.681 and +.311, spend +$.770 and +$.424 (Hillstrom 2008)."""
    assert shares(hillstrom, MENS, "visit").effect == pytest.approx(0.0766, abs=5e-5)
    assert shares(hillstrom, WOMENS, "visit").effect == pytest.approx(0.0452, abs=5e-5)
    assert shares(hillstrom, MENS, "conversion").effect == pytest.approx(0.00681, abs=5e-6)
    assert shares(hillstrom, WOMENS, "conversion").effect == pytest.approx(0.00311, abs=5e-6)
    assert money(hillstrom, MENS).effect == pytest.approx(0.770, abs=5e-4)
    assert money(hillstrom, WOMENS).effect == pytest.approx(0.424, abs=5e-4)


def test_each_of_them_is_beyond_doubt(hillstrom: dict[str, pd.DataFrame]) -> None:
    """z of the spend 5.3 and 3.3."""
    men, women = money(hillstrom, MENS), money(hillstrom, WOMENS)

    assert (men.effect / men.se, women.effect / women.se) == pytest.approx((5.3, 3.3), abs=0.05)
    assert all(always_valid(one, 1.0).low > 0 for one in (men, women))


def test_what_they_had_spent_before_says_nothing_of_what_they_spend_now(hillstrom: dict[str, pd.DataFrame]) -> None:
    """A variance cut of .04 %: the past helps only where it foretells."""
    assert money(hillstrom, MENS, past=True).variance_cut == pytest.approx(0.0004, abs=0.0004)


def test_its_arms_are_as_large_as_they_were_meant_to_be(hillstrom: dict[str, pd.DataFrame]) -> None:
    ratio = sample_ratio({arm: len(rows) for arm, rows in hillstrom.items()}, dict.fromkeys(hillstrom, 1 / 3))

    assert not ratio.alarm


def test_a_record_shop_s_past_takes_a_third_of_the_variance_out(real_data: object) -> None:
    """33.3 % of the published tenth of CDNOW's buyers: repeat orders in 39 weeks, foretold by those of the 39 before."""
    buyers = shop()
    treated = np.random.default_rng(1).random(len(buyers.came)) < 0.5
    ours, theirs = (
        Sample(buyers.came[half].astype(float), before=buyers.records.frequency[half].astype(float))
        for half in (treated, ~treated)
    )

    found = difference(ours, theirs)

    assert found is not None
    assert found.interval.holds(0)
    assert found.variance_cut == pytest.approx(0.333, abs=0.02)


def test_the_mismatch_in_cookie_cats_raises_the_alarm() -> None:
    """44,700 against 45,489 players as published, p ≈ .009: something is wrong with who was counted."""
    published = sample_ratio({"gate_30": 44_700, "gate_40": 45_489}, {"gate_30": 0.5, "gate_40": 0.5})

    assert published.alarm
    assert published.p == pytest.approx(0.0086, abs=1e-4)


def test_a_later_gate_loses_players_within_a_week(real_data: object) -> None:
    """19.0 % against 18.2 % came back after seven days in the whole set; seven tenths of its players are here; after one day they differ by nothing to be told."""
    arms = {str(arm): rows for arm, rows in frame_of("ab_cookie_cats").groupby("arm")}

    week, day = (
        proportions(
            (float(arms["gate_40"][what].sum()), len(arms["gate_40"])),
            (float(arms["gate_30"][what].sum()), len(arms["gate_30"])),
        )
        for what in ("retention_7", "retention_1")
    )

    assert week is not None and day is not None
    assert week.control == pytest.approx(0.190, abs=0.002)
    assert week.treated == pytest.approx(0.182, abs=0.002)
    assert week.interval.high < 0
    assert day.interval.holds(0)
