"""Rules that share orders among touches: the textbook's example, and what holds for all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiefen.outcome.attribution.models import Paths, first, last, markov, removal, shapley


def paths(*told: tuple[list[int], float | None], labels: int = 3) -> Paths:
    """[labels], and what was bought at its end (None: nothing)."""
    return Paths(
        np.array([label for one, _ in told for label in one], np.int64),
        np.array([at for at, (one, _) in enumerate(told) for _ in one], np.int64),
        np.array([worth or 0.0 for _, worth in told]),
        np.array([worth is not None for _, worth in told]),
        labels,
    )


BOOK = paths(([0, 1, 2], 90.0), ([0], None), ([1, 2], None))
"""C1 > C2 > C3 > an order; C1 > nothing; C2 > C3 > nothing."""


def test_the_textbook_s_example() -> None:
    """A third of all buy; removal effects ½, 1, 1; weights .2, .4, .4."""
    assert removal(BOOK) == pytest.approx([0.5, 1, 1])
    assert markov(BOOK).orders == pytest.approx([0.2, 0.4, 0.4])
    assert markov(BOOK).worth == pytest.approx([18, 36, 36])


def test_first_last_and_equal_shares() -> None:
    two = paths(([0, 1, 0, 2], 10.0), ([1, 1], 4.0), ([2], None))

    assert (first(two).orders.tolist(), last(two).orders.tolist()) == ([1, 1, 0], [0, 1, 1])
    assert (first(two).worth.tolist(), last(two).worth.tolist()) == ([10, 4, 0], [0, 4, 10])
    assert shapley(two).orders == pytest.approx([1 / 3, 4 / 3, 1 / 3])


def test_equal_shares_are_shapley_s_value() -> None:
    """Against the definition: the mean, over all orders in which labels may come, of what each adds."""
    from itertools import permutations

    told = [([0, 1], 1.0), ([0, 1, 2], 1.0), ([2, 0], 1.0), ([1], 1.0), ([2], None)]

    def wins(labels: set[int]) -> int:
        return sum(worth is not None and set(one) <= labels for one, worth in told)

    value = np.zeros(3)
    for order in permutations(range(3)):
        for at, label in enumerate(order):
            value[label] += (wins(set(order[: at + 1])) - wins(set(order[:at]))) / 6

    assert shapley(paths(*told)).orders == pytest.approx(value)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.none() | st.floats(0.1, 1e6)), max_size=12
    )
)
def test_every_rule_gives_away_just_what_was_bought(told: list[tuple[list[int], float | None]]) -> None:
    some = paths(*told, labels=5)

    for rule in (first, last, shapley, markov):
        credit = rule(some)
        assert credit.orders.sum() == pytest.approx(sum(worth is not None for _, worth in told))
        assert credit.worth.sum() == pytest.approx(sum(worth or 0 for _, worth in told), rel=1e-6)
        assert (credit.orders >= -1e-9).all()


def test_touches_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="path after path"):
        Paths(np.array([0, 1]), np.array([1, 0]), np.zeros(2), np.zeros(2, bool), 2)
