"""What people are offered next, and why."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from tests.insight.scenes import BAJIE, DAIYU, SHASENG, WUKONG, Scene, tables_of, window_of
from tiefen.insight.models.next_product import offers as offers_module
from tiefen.insight.models.next_product.again import again
from tiefen.insight.models.next_product.baskets import Baskets, baskets
from tiefen.insight.models.next_product.ease import ease
from tiefen.insight.models.next_product.ials import Settings, ials
from tiefen.insight.models.next_product.offers import OFFERS, offers
from tiefen.insight.tables import person_offers

END = date(2026, 11, 26)


def buys(
    scene: Scene, who: int | None, ago: int, *skus: str, order: str | None = None, qty: int = 1, fen: int = 500
) -> None:
    scene.fact(
        "order.paid", f"{END - timedelta(days=ago)} 09:00", person=who, order=order or f"{who}-{ago}", amount_fen=500 * len(skus),
        lines=[{"sku": sku, "qty": qty, "amount_fen": fen} for sku in skus],
    )  # fmt: skip


def offered(scene: Scene, tmp_path: Path) -> dict[int, list[dict[str, Any]]]:
    snapshot = scene.snapshot()
    with tables_of(snapshot, tmp_path, keeping=True) as tables:
        rows = person_offers.TABLE.of(tables, window_of(snapshot), {}).to_pylist()
    each = defaultdict(list)
    for row in rows:
        each[row["person"]].append(row)
    return each


def a_tea_house() -> Scene:
    """Tea is bought again and again; who buys a pot buys cups; a scale is bought once."""
    scene, dice = Scene(), np.random.default_rng(4)
    for who in range(100, 160):
        for ago in range(5, 100, 20):
            buys(scene, who, ago, "tea")
        if who < 140:
            buys(scene, who, 60, "pot")
            if dice.random() < 0.8:
                buys(scene, who, 50, "cups")
        else:
            buys(scene, who, 61, "scale")
        buys(scene, who, 62, f"book {who % 3}")
    return scene


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[dict[str, Any]]]:
    scene = a_tea_house()
    buys(scene, DAIYU, 30, "pot")
    buys(scene, DAIYU, 10, "tea")
    buys(scene, DAIYU, 40, "tea")
    buys(scene, WUKONG, 30, "scale")
    buys(scene, BAJIE, 20, "once sold", qty=1)
    buys(scene, BAJIE, 400, "gone for long")
    return offered(scene, tmp_path_factory.mktemp("tea"))


def test_what_people_buy_again_comes_first_with_how_often_and_when(house: dict[int, list[dict[str, Any]]]) -> None:
    first = house[DAIYU][0]

    assert (first["sku"], first["kind"], first["by"], first["times"]) == ("tea", "again", "frequency", 2)
    assert first["last_on"] == END - timedelta(days=10)
    assert first["again_share"] > 0.9


def test_what_is_new_comes_with_the_good_of_theirs_it_goes_with(house: dict[int, list[dict[str, Any]]]) -> None:
    new = [row for row in house[DAIYU] if row["kind"] == "new"]

    assert new[0]["sku"] == "cups"
    assert new[0]["because"] == "pot"
    assert 20 <= new[0]["both"] <= new[0]["because_buyers"] == 41
    assert new[0]["by"] == "ease"


def test_nothing_bought_once_and_for_all_is_offered_again_and_nothing_owned_is_called_new(
    house: dict[int, list[dict[str, Any]]],
) -> None:
    for rows in house.values():
        assert "pot" not in {row["sku"] for row in rows if row["kind"] == "again"}
        assert len({row["sku"] for row in rows}) == len(rows) <= OFFERS
        assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert {"pot", "tea"}.isdisjoint(row["sku"] for row in house[DAIYU] if row["kind"] == "new")
    assert "scale" not in {row["sku"] for row in house[WUKONG]}


def test_a_good_that_nobody_bought_for_half_a_year_is_not_offered(house: dict[int, list[dict[str, Any]]]) -> None:
    assert "gone for long" not in {row["sku"] for rows in house.values() for row in rows}


def test_lines_without_goods_discounts_refunded_orders_and_nobodys_orders_teach_nothing(tmp_path: Path) -> None:
    scene = Scene()
    buys(scene, DAIYU, 9, "tea")
    buys(scene, DAIYU, 8, "", "  ")
    buys(scene, DAIYU, 7, "discount", fen=-100)
    buys(scene, DAIYU, 6, "nothing", qty=0)
    buys(scene, DAIYU, 5, "vase", order="back")
    scene.fact("order.refunded", "2026-11-22", person=None, order="back", amount_fen=500, lines=[])
    buys(scene, None, 4, "lamp")
    buys(scene, SHASENG, 3, "cake")

    rows = offered(scene, tmp_path)

    assert {row["sku"] for some in rows.values() for row in some} <= {"tea", "cake"}


def test_where_there_is_too_little_to_learn_from_what_sells_is_offered_and_says_so(tmp_path: Path) -> None:
    scene = Scene()
    for who in range(10, 20):
        buys(scene, who, 5, "tea")
    buys(scene, DAIYU, 4, "cake")

    rows = offered(scene, tmp_path)

    assert [(row["sku"], row["by"], row["because"]) for row in rows[DAIYU]] == [("tea", "popular", None)]
    assert rows[10] == []


def test_without_orders_there_are_no_offers(tmp_path: Path) -> None:
    assert offered(Scene(), tmp_path) == {}


# ---- the models -------------------------------------------------------------------------------------


def some_baskets(people: int = 120, items: int = 40, seed: int = 2) -> Baskets:
    dice = np.random.default_rng(seed)
    n = people * 12
    return baskets(
        dice.integers(0, people, n),
        (dice.random(n) ** 2 * items).astype(np.int64),
        dice.integers(0, 60, n),
        people,
        items,
    )


def test_the_scores_of_ones_own_goods_are_those_among_all_goods() -> None:
    some = some_baskets()
    ranked, everybody = again(some), np.arange(some.people)

    own, everything = ranked.own(everybody), ranked.everything(everybody)

    mask = some.bought().toarray() > 0
    assert own.toarray()[mask] == pytest.approx(everything[mask])
    assert own.nnz == mask.sum()


def test_older_baskets_fade_and_a_day_is_one_basket() -> None:
    some = baskets(np.array([0, 0, 0, 0]), np.array([1, 1, 1, 0]), np.array([5, 5, 9, 7]), 1, 2)

    assert some.times.tolist() == [1, 2]
    assert some.fresh == pytest.approx([0.95, 1 + 0.95**2])
    assert some.last.tolist() == [7, 9]


def test_ease_explains_no_good_by_itself_and_is_the_best_that_can_do_so() -> None:
    bought = some_baskets().bought()
    weights = ease(bought, 10.0)

    assert not np.diag(weights).any()

    def loss(b: np.ndarray) -> float:
        return float(((bought.toarray() - bought @ b) ** 2).sum() + 10.0 * (b**2).sum())

    aside = np.random.default_rng(1).normal(0, 1e-3, weights.shape)
    np.fill_diagonal(aside, 0)
    assert loss(weights) < min(loss(weights + aside), loss(weights - aside))


def test_ials_puts_people_where_least_squares_does() -> None:
    bought = some_baskets().bought()
    settings = Settings(factors=8, penalty=2.0, weight=5.0)
    model = ials(bought, settings)
    grown = model.items.T @ model.items + 2.0 * np.eye(8)

    ours = model.people(bought)

    for person in range(10):
        mine = model.items[bought[person].indices]
        exact = np.linalg.solve(grown + 5.0 * mine.T @ mine, 6.0 * mine.sum(axis=0))
        assert ours[person] == pytest.approx(exact, abs=1e-4)


def test_people_who_bought_nothing_are_nowhere_for_ials() -> None:
    bought = sp.vstack([some_baskets().bought(), sp.csr_matrix((1, 40))]).tocsr()

    assert not ials(bought, Settings(factors=4, rounds=2)).people(bought)[-1].any()


def test_where_goods_are_too_many_for_ease_ials_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers_module, "MOST_ITEMS", 10)
    some = some_baskets()

    found = offers(some, np.ones(some.items, bool))

    assert set(found["by"].to_pylist()) == {"frequency", "ials"}


def test_the_same_purchases_in_another_order_give_the_same_offers() -> None:
    dice = np.random.default_rng(6)
    person, item, day = dice.integers(0, 80, 600), dice.integers(0, 20, 600), dice.integers(0, 60, 600)
    mixed = dice.permutation(600)

    one, other = (
        offers(baskets(person[o], item[o], day[o], 80, 20), np.ones(20, bool)) for o in (np.arange(600), mixed)
    )

    assert one.equals(other)


def test_people_with_the_same_goods_are_offered_the_same_new_ones() -> None:
    person = np.array([0, 0, 1, 1, *range(2, 60)])
    item = np.array([0, 1, 1, 0, *(i % 6 for i in range(2, 60))])
    found = offers(baskets(person, item, np.zeros(len(person), np.int64), 60, 6), np.ones(6, bool)).to_pylist()

    def new(who: int) -> list[int]:
        return [row["item"] for row in found if row["person"] == who and row["kind"] == "new"]

    assert new(0) == new(1) != []
