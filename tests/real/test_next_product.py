"""The next basket of a grocery's buyers, and the films that people had not rated: docs/science.md has the figures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.real.world import frame_of
from tiefen.insight.models.next_product.again import again
from tiefen.insight.models.next_product.baskets import Baskets, Floats, Ints, baskets
from tiefen.insight.models.next_product.ease import ease
from tiefen.insight.models.next_product.ials import Settings, ials

pytestmark = pytest.mark.long

TOP = 10
_DISCOUNT = 1 / np.log2(np.arange(2, TOP + 2))


def marks(scores: Floats, wanted: np.ndarray) -> np.ndarray:
    """(recall, nDCG, precision) at ten of each row with anything wanted in it; `wanted` is 0 or 1."""
    some = wanted.sum(axis=1) > 0
    scores, wanted = scores[some], wanted[some]
    best = np.argpartition(-scores, TOP, axis=1)[:, :TOP]
    order = np.take_along_axis(scores, best, 1).argsort(axis=1)[:, ::-1]
    hit = np.take_along_axis(wanted, np.take_along_axis(best, order, 1), 1)
    sizes = wanted.sum(axis=1)
    ideal = np.cumsum(_DISCOUNT)[np.minimum(sizes, TOP).astype(int) - 1]
    return np.stack((hit.sum(axis=1) / sizes, hit @ _DISCOUNT / ideal, hit.mean(axis=1)), axis=1)


# ---- groceries: buying again ------------------------------------------------------------------------


class Groceries:
    """Every basket but the last of 13,858 buyers to learn from, the last to be right about; the weights were chosen on a
    fifth of the buyers, the figures are those of the other four fifths."""

    def __init__(self) -> None:
        frame = frame_of("baskets_tafeng")
        person = np.unique(frame.user, return_inverse=True)[1].astype(np.int64)
        item = np.unique(frame.item, return_inverse=True)[1].astype(np.int64)
        basket = frame.basket.to_numpy().astype(np.int64)
        self.people, self.items = int(person.max()) + 1, int(item.max()) + 1
        last = np.zeros(self.people, np.int64)
        np.maximum.at(last, person, basket)
        later = basket == last[person]
        self.known: Baskets = baskets(person[~later], item[~later], basket[~later], self.people, self.items)
        self.later = baskets(person[later], item[later], basket[later], self.people, self.items).bought()
        lots = np.random.default_rng(0).permutation(self.people)
        self.tested: Ints = np.sort(lots[self.people // 5 :])

    def recall_and_ndcg(self, scores: Callable[[Ints], Floats]) -> tuple[float, float]:
        parts = [
            marks(scores(some), self.later[some].toarray())
            for some in np.array_split(self.tested, len(self.tested) // 700)
        ]
        recall, ndcg, _ = np.concatenate(parts).mean(axis=0)
        return float(recall), float(ndcg)


@pytest.fixture(scope="module")
def groceries() -> Groceries:
    return Groceries()


def test_the_next_basket_is_told_better_than_by_counting_and_the_popular_alone(groceries: Groceries) -> None:
    known = groceries.known
    popular = known.sales() / known.sales().max()
    often = known.bought()
    often.data[:] = known.times
    ranked = again(known)

    everybody = groceries.recall_and_ndcg(lambda some: np.tile(popular, (len(some), 1)))
    counted = groceries.recall_and_ndcg(lambda some: often[some].toarray() + popular / 2)
    ours = groceries.recall_and_ndcg(ranked.everything)

    assert (groceries.people, groceries.items) == (13_858, 11_997)
    assert everybody == pytest.approx((0.0785, 0.0859), abs=5e-4)
    assert counted == pytest.approx((0.1332, 0.1225), abs=5e-4)
    assert ours[0] >= 0.148
    assert ours[1] >= 0.1303
    print(f"R@10 {ours[0]:.4f} nDCG@10 {ours[1]:.4f}")  # noqa: T201


# ---- films: new to somebody -------------------------------------------------------------------------


def films() -> tuple[Ints, Ints]:
    frame = frame_of("ml100k")
    person, item = (np.unique(frame[name], return_inverse=True)[1].astype(np.int64) for name in ("user", "item"))
    return person, item


def apart(person: Ints, share: float, seed: int) -> np.ndarray:
    """True for that share of each person's rows, by lot."""
    order = np.lexsort((np.random.default_rng(seed).random(len(person)), person))
    starts = np.flatnonzero(np.append(True, np.diff(person[order]) > 0))
    sizes = np.diff(np.append(starts, len(person)))
    place = np.arange(len(person)) - np.repeat(starts, sizes)
    chosen = np.zeros(len(person), bool)
    chosen[order] = place < np.rint(share * np.repeat(sizes, sizes))
    return chosen


def split(seed: int, share: float = 0.75) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(three quarters of each person's films, the rest, three quarters of the first to choose settings with)"""
    person, item = films()
    first = apart(person, share, seed)
    shape = (int(person.max()) + 1, int(item.max()) + 1)
    learned, rest = np.zeros(shape), np.zeros(shape)
    learned[person[first], item[first]] = 1
    rest[person[~first], item[~first]] = 1
    return learned, rest, first


def at_ten(scores: Floats, known: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
    """nDCG and precision of what somebody did not have."""
    _, ndcg, precision = marks(np.where(known > 0, -np.inf, scores), wanted).mean(axis=0)
    return float(ndcg), float(precision)


def by_ease(learned: np.ndarray) -> Floats:
    from scipy.sparse import csr_matrix

    return np.asarray(learned @ ease(csr_matrix(learned)))


def by_ials(learned: np.ndarray, settings: Settings) -> Floats:
    from scipy.sparse import csr_matrix

    model = ials(csr_matrix(learned), settings)
    return np.asarray(model.people(csr_matrix(learned)) @ model.items.T)


def test_films_that_somebody_had_not_rated_are_told_as_well_as_by_the_best_published() -> None:
    found = []
    for seed in range(2):
        learned, rest, _ = split(seed)
        found.append((at_ten(by_ease(learned), learned, rest), at_ten(by_ials(learned, Settings()), learned, rest)))

    (ease_ndcg, ease_precision), (ials_ndcg, ials_precision) = np.mean(found, axis=0)
    assert ease_ndcg >= 0.476 and ease_precision >= 0.4118
    assert ials_ndcg >= 0.476 and ials_precision >= 0.4118
    print(f"EASE {ease_ndcg:.4f} {ease_precision:.4f} iALS {ials_ndcg:.4f} {ials_precision:.4f}")  # noqa: T201
