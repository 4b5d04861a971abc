"""What readings say of the orders to come: from facts to forecasts, and how right they were."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.insight.purchases import PUBLISHED, simulated
from tests.insight.scenes import BAJIE, DAIYU, SHASENG, WUKONG, Scene, measure, tables_of, window_of
from tiefen.insight.detectors import slipping_away
from tiefen.insight.metrics.persons import active_chance, expected_money_365d, expected_orders_90d
from tiefen.insight.models.purchases.bg_nbd import BgNbd
from tiefen.insight.models.purchases.coarse import coarse
from tiefen.insight.models.purchases.forecasts import forecast
from tiefen.insight.models.purchases.models import BY_NAME
from tiefen.insight.models.purchases.orders import number_of, records, visits_in
from tiefen.insight.models.purchases.outlook import Outlook, outlook
from tiefen.insight.models.purchases.records import Records, alike

END = date(2026, 11, 26)


def buys(scene: Scene, who: int | None, *days_ago: int, fen: int = 10_000) -> None:
    for ago in days_ago:
        day = END - timedelta(days=ago)
        scene.fact("order.paid", f"{day} 09:00", person=who, order=f"{who}-{ago}", amount_fen=fen, lines=[])


def a_shop(people: int = 160, seed: int = 3) -> Scene:
    """People who order by their own rates and stop with some chance after each order, over two years."""
    dice = np.random.default_rng(seed)
    scene = Scene()
    for who in range(100, 100 + people):
        age = int(dice.integers(100, 700))
        rate, stops, at = dice.gamma(1.5, 1 / 45), dice.beta(0.8, 4), float(age)
        buys(scene, who, age, fen=int(dice.gamma(6, 2_000)) + 1)
        while dice.random() > stops and (at := at - dice.exponential(1 / rate)) >= 0:
            buys(scene, who, int(at), fen=int(dice.gamma(6, 2_000)) + 1)
    return scene


def asked(scene: Scene, tmp_path: Path) -> Outlook:
    snapshot = scene.snapshot()
    with tables_of(snapshot, tmp_path, keeping=True) as tables:
        return outlook(tables, window_of(snapshot))


def of(found: Outlook, who: int) -> dict[str, Any]:
    return {row["person"]: row for row in found.people.to_pylist()}[who]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Outlook:
    return asked(a_shop(), tmp_path_factory.mktemp("shop"))


def test_exactly_one_method_speaks_of_orders_and_one_of_money(shop: Outlook) -> None:
    spoke = [(row["of"], row["model"]) for row in shop.models.to_pylist() if row["spoke"]]

    assert sorted(of for of, _ in spoke) == ["money", "orders"]
    assert dict(spoke)["money"] == "gamma_gamma"
    assert set(shop.people["orders_by"].to_pylist()) == {dict(spoke)["orders"]}


def test_the_model_that_was_nearer_in_the_days_held_out_speaks(shop: Outlook) -> None:
    tried = {r["model"]: r for r in shop.models.to_pylist() if r["of"] == "orders" and r["root_mean_square"]}
    both = {name: row["root_mean_square"] for name, row in tried.items() if name != "pooled_rate"}

    assert len(both) == 2
    assert tried[min(both, key=lambda name: both[name])]["spoke"]


def test_the_error_of_the_days_held_out_is_told(shop: Outlook) -> None:
    rows = shop.models.to_pylist()
    tested = [row for row in rows if row["held_out_days"] is not None]
    assert {"bg_nbd", "pareto_nbd", "pooled_rate", "pooled_mean"} <= {row["model"] for row in tested}
    for row in tested:
        assert row["held_out_days"] == 90
        assert row["increment_error"] == pytest.approx(row["predicted"] / row["came"] - 1)
        assert abs(row["increment_error"]) < 1
    parameters = json.loads(rows[0]["parameters"])
    assert [p["name"] for p in parameters] == ["r", "alpha", "a", "b"]
    assert all(p["low"] < p["value"] < p["high"] for p in parameters)


def test_a_total_is_the_sum_over_people(shop: Outlook) -> None:
    totals = {row["of"]: row for row in shop.models.to_pylist() if row["spoke"]}

    assert totals["orders"]["total_90d"] == pytest.approx(sum(shop.people["orders_90d"].to_pylist()))
    assert totals["orders"]["total_365d_low"] < totals["orders"]["total_365d"] < totals["orders"]["total_365d_high"]
    assert totals["money"]["total_90d"] == pytest.approx(sum(shop.people["money_90d_fen"].to_pylist()), rel=0.01)


def test_silence_beyond_ones_own_rhythm_is_slipping_away_and_the_same_silence_of_somebody_slow_is_not(
    tmp_path: Path,
) -> None:
    scene = Scene()
    buys(scene, DAIYU, *range(150, 360, 7))
    buys(scene, WUKONG, *range(150, 900, 120))
    buys(scene, BAJIE, *range(0, 200, 7))
    buys(scene, SHASENG, 300)

    found = asked(scene, tmp_path)

    daiyu = of(found, DAIYU)
    assert daiyu["slipping"] and daiyu["gap_days"] == 150 > daiyu["slips_after_days"]
    assert daiyu["usual_gap_days"] == pytest.approx(7)
    assert of(found, WUKONG)["slipping"] is False
    assert of(found, BAJIE)["slipping"] is False
    assert of(found, SHASENG)["slipping"] is None


def test_a_border_is_where_slipping_begins(shop: Outlook) -> None:
    for row in shop.people.to_pylist():
        if row["slipping"] is not None:
            assert row["slipping"] == (row["gap_days"] > row["slips_after_days"])


def test_where_no_model_stands_a_plain_rate_speaks_and_says_why(tmp_path: Path) -> None:
    scene = Scene()
    for who in range(10, 30):
        buys(scene, who, 40)

    found = asked(scene, tmp_path)

    row = of(found, 10)
    assert (row["orders_by"], row["why_orders"]) == ("pooled_rate", "nobody_repeats")
    assert row["orders_90d"] > 0
    assert row["active_chance"] is None and row["orders_90d_low"] is None and row["money_365d_fen"] is None
    spoke = {r["model"]: r["why"] for r in found.models.to_pylist() if not r["spoke"]}
    assert spoke["bg_nbd"] == spoke["pareto_nbd"] == "nobody_repeats"


def test_a_brand_without_orders_has_no_forecasts_and_no_number_of_anybody(tmp_path: Path) -> None:
    scene = Scene()
    scene.says(DAIYU, "2026-11-20 09:00")

    assert asked(scene, tmp_path).people.num_rows == 0
    assert measure(expected_orders_90d.METRIC, scene, tmp_path) == {}


def test_who_never_ordered_is_unknown_and_not_zero(tmp_path: Path) -> None:
    scene = a_shop(40)
    scene.says(DAIYU, "2026-11-20 09:00")
    snapshot = scene.snapshot()

    with tables_of(snapshot, tmp_path) as tables:
        for metric in (expected_orders_90d.METRIC, expected_money_365d.METRIC, active_chance.METRIC):
            numbers = tables.arrow(metric.of(tables, window_of(snapshot))).to_pylist()

            assert DAIYU not in {row["person"] for row in numbers}
            assert numbers and all(row["whole"] == 1 for row in numbers)


def test_of_those_who_ordered_once_bg_nbd_gives_no_chance_to_be_active(shop: Outlook) -> None:
    once = [row for row in shop.people.to_pylist() if row["orders_before"] == 1]

    if shop.people["orders_by"][0].as_py() == "bg_nbd":
        assert all(row["active_chance"] is None for row in once)
    assert any(row["active_chance"] is not None for row in shop.people.to_pylist() if row["orders_before"] > 1)


def test_orders_of_nobody_refunds_and_staff_change_no_forecast(tmp_path: Path) -> None:
    scene, same = a_shop(40), a_shop(40)
    buys(same, None, 3, 4, 5)
    buys(same, DAIYU, 30)
    same.fact("order.refunded", "2026-11-20", person=DAIYU, order=f"{DAIYU}-30", amount_fen=10_000, lines=[])
    buys(same, WUKONG, 20, 40)
    same.rows["person"].append({"person": WUKONG, "staff": True})

    ours, theirs = (asked(one, tmp_path).people for one in (same, scene))

    assert ours.drop("slips_after_days").equals(theirs.drop("slips_after_days"))
    assert ours["slips_after_days"].to_pylist() == pytest.approx(theirs["slips_after_days"].to_pylist())


def test_less_exact_times_change_no_expectation_that_matters() -> None:
    weeks, _, _ = simulated(PUBLISHED, 20_000, age=(2, 104), horizon=1.0)
    days = np.floor(weeks.age * 7)
    known = Records(weeks.person, weeks.frequency, np.minimum(np.floor(weeks.recency * 7), days), days, weeks.spent_fen)
    fit = BY_NAME["bg_nbd"].fit_rows(alike(known))
    assert isinstance(fit.model, BgNbd)
    exact, rough = alike(known, who=True), alike(coarse(known), who=True)

    one, other = (fit.model.expected(rows, 90.0)[rows.of] for rows in (exact, rough))

    assert len(rough) < 0.75 * len(exact)
    assert other.sum() == pytest.approx(one.sum(), rel=2e-3)
    assert (np.abs(other - one) < 0.05 + 0.1 * one).all()
    assert np.abs(other - one).mean() < 0.02 * one.mean()


def test_the_same_forecast_as_the_models_asked_directly(shop: Outlook, tmp_path: Path) -> None:
    scene = a_shop()
    snapshot = scene.snapshot()
    with tables_of(snapshot, tmp_path) as tables:
        known = records(visits_in(tables, window_of(snapshot)), number_of(END))
    by = shop.people["orders_by"][0].as_py()

    direct = forecast(known, 90, model=by).table

    for ours, theirs in (("orders_90d", "orders"), ("orders_90d_high", "orders_high"), ("money_90d_fen", "money_fen")):
        assert shop.people[ours].to_pylist() == direct[theirs].to_pylist()


# ---- slipping away ----------------------------------------------------------------------------------


def found_slipping(**columns: list[Any]) -> list[Any]:
    usual: dict[str, list[Any]] = {
        "person": [1, 2, 3], "paid_365d_fen": [90_000, 10_000, 5_000], "slipping": [True, False, None],
        "usual_gap_days": [10.0, 10.0, None], "gap_days": [80, 5, 300], "slips_after_days": [40.0, 40.0, None],
        "active_chance": [0.2, 0.9, None],
    }  # fmt: skip
    made = {"person_forecasts": pa.table(usual | columns)}
    return list(slipping_away.of(made, window_of(Scene().snapshot())))


def test_a_good_buyer_beyond_their_own_rhythm_is_found_with_what_is_at_stake() -> None:
    (found,) = found_slipping()

    assert (found.entity_id, found.severity, found.worth) == (1, 2, 9.0)
    assert found.evidence[0] == ("平时约 10 天买一次，这次已 80 天没买", "usually buys every 10 days, has not for 80")
    assert "20%" in found.evidence[-1][1]


def test_nobody_who_paid_nothing_of_late_is_told_of() -> None:
    assert found_slipping(paid_365d_fen=[0, 10_000, 5_000]) == []


def test_only_the_dearest_are_told_of() -> None:
    many = slipping_away.MOST + 20
    rows = {name: [value] * many for name, value in (("slipping", True), ("usual_gap_days", 9.0), ("gap_days", 99))}
    found = found_slipping(
        person=list(range(many)), paid_365d_fen=list(range(1, many + 1)), slips_after_days=[50.0] * many,
        active_chance=[None] * many, **rows,
    )  # fmt: skip

    assert [one.entity_id for one in found] == list(range(many - 1, 19, -1))
