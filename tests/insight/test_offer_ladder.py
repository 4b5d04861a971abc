"""The ladder of offers: which rung a good is on, who climbs, and what is too early to judge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.insight.scenes import Scene, tables_of, window_of
from tiefen.insight.models.offer_ladder import bands, standing
from tiefen.insight.tables import offer_goods, offer_rungs

DAIYU, WUKONG, BAJIE, SHASENG = 1, 2, 3, 4


def buys(scene: Scene, who: int, day: str, sku: str, fen: int, qty: int = 1) -> None:
    line = {"sku": sku, "qty": qty, "amount_fen": fen}
    scene.fact("order.paid", day, person=who, order=f"{who}{sku}{day}", amount_fen=fen, lines=[line])


def tea() -> Scene:
    """A trial for 9.90 that leads one of two to the course of 199, which leads nobody to the camp of 1,999 in time."""
    scene = Scene()
    buys(scene, DAIYU, "2026-03-01", "trial", 990)
    buys(scene, DAIYU, "2026-04-01", "course", 19_900)
    buys(scene, WUKONG, "2026-03-02", "trial", 990)
    buys(scene, WUKONG, "2026-11-20", "course", 19_900)  # too late to count as led there by the trial
    buys(scene, BAJIE, "2026-03-03", "camp", 199_900)
    buys(scene, BAJIE, "2026-05-01", "trial", 2_970, qty=3)  # came down, and does not climb
    buys(scene, SHASENG, "2026-11-01", "trial", 990)  # too early to judge
    return scene


def rows(scene: Scene, tmp_path: Path, table: object) -> list[dict[str, object]]:
    with tables_of(scene, tmp_path, keeping=True) as t:
        made = t.arrow(table.TABLE.of(t, window_of(t.snapshot), {}))  # type: ignore[attr-defined]
        return made.sort_by(made.column_names[0]).to_pylist()


def test_prices_make_three_rungs_and_the_step_from_trial_to_course_is_measured(tmp_path: Path) -> None:
    found = rows(tea(), tmp_path, offer_rungs)

    assert [(r["rung"], r["buyers"], r["began"], r["moved"], r["median_days"]) for r in found] == [
        (1, 4, 2, 1, 31.0),
        (2, 2, 1, 0, None),
        (3, 1, 1, 0, None),
    ]
    assert [r["least_fen"] for r in found] == [990, 19_900, 199_900]


def test_a_good_says_where_it_leads(tmp_path: Path) -> None:
    found = {r["sku"]: r for r in rows(tea(), tmp_path, offer_goods)}

    assert (found["trial"]["rung"], found["trial"]["price_fen"], found["trial"]["began"], found["trial"]["moved"]) == (
        1,
        990,
        2,
        1,
    )
    assert (found["camp"]["rung"], found["camp"]["buyers"]) == (3, 1)


def test_the_company_may_say_what_the_rungs_are(tmp_path: Path) -> None:
    scene = tea()
    scene.rows["offer"] += [
        {"rung": 1, "name": "引流品", "sku": "trial", "from_fen": None, "to_fen": None},
        {"rung": 1, "name": "引流品", "sku": "course", "from_fen": None, "to_fen": None},
        {"rung": 2, "name": "高端", "sku": None, "from_fen": 100_000, "to_fen": None},
    ]

    found = {r["sku"]: r["rung"] for r in rows(scene, tmp_path, offer_goods)}

    assert found == {"trial": 1, "course": 1, "camp": 2}


def test_everybody_stands_on_the_highest_rung_they_ever_bought_from(tmp_path: Path) -> None:
    with tables_of(tea(), tmp_path) as t:
        found = {r["person"]: r["offer_rung"] for r in t.arrow(standing(t, window_of(t.snapshot))).to_pylist()}

    assert found == {DAIYU: 2, WUKONG: 2, BAJIE: 3, SHASENG: 1}


def test_what_was_given_back_was_not_bought(tmp_path: Path) -> None:
    scene = tea()
    scene.fact("order.refunded", "2026-03-05", person=BAJIE, order=f"{BAJIE}camp2026-03-03", amount_fen=199_900)

    with tables_of(scene, tmp_path) as t:
        found = {r["person"]: r["offer_rung"] for r in t.arrow(standing(t, window_of(t.snapshot))).to_pylist()}

    assert found[BAJIE] == 1


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([990, 19_900, 199_900], [1, 2, 3]),
        ([990, 1_090, 1_190], [1, 1, 1]),
        ([0, 990], [None, 1]),
        ([], []),
        ([500, 600, 9_900, 12_000], [1, 1, 2, 2]),
    ],
)
def test_bands_follow_the_gaps_between_prices(prices: list[int], expected: list[int | None]) -> None:
    assert bands(np.array(prices, np.int64), np.ones(len(prices))) == expected


@given(st.lists(st.tuples(st.integers(1, 10**7), st.integers(1, 500)), min_size=1, max_size=40))
def test_a_dearer_good_is_never_on_a_lower_rung(goods: list[tuple[int, int]]) -> None:
    prices = np.array([price for price, _ in goods], np.int64)
    found = bands(prices, np.array([buyers for _, buyers in goods], np.float64))

    ordered = sorted(zip(prices.tolist(), found, strict=True), key=lambda pair: pair[0])
    placed = [rung for _, rung in ordered if rung is not None]
    assert placed == sorted(placed)
    assert set(placed) == set(range(1, max(placed) + 1))
