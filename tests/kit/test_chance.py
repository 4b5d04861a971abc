"""Chance that is the same every time, even, and independent from salt to salt."""

from __future__ import annotations

import numpy as np

from tiefen.kit.chance import share_of, shares


def test_one_and_many_say_the_same() -> None:
    many = shares("spring sale", np.arange(50))

    assert [share_of("spring sale", n) for n in range(50)] == many.tolist()


def test_shares_are_even_and_salts_are_independent() -> None:
    numbers = np.arange(200_000)
    one, other = shares("a", numbers), shares("b", numbers)

    counts = np.histogram(one, bins=100, range=(0, 1))[0]
    assert ((counts - 2_000) ** 2 / 2_000).sum() < 150  # χ² with 99 degrees of freedom: p ≈ .0007
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.01
    assert abs(np.corrcoef(one[:-1], one[1:])[0, 1]) < 0.01
