"""Looking at many things at once: how far chance alone gets when the luckiest of them is picked out.

Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6: however the measures hang
together (money, orders and buyers do), the chance to tell any apart that has no effect stays below the level. The rule of Benjamini and
Hochberg would find more, but it promises a share among what is found, and a page of six findings is read one by one.
"""

from __future__ import annotations

from collections.abc import Sequence


def holm(ps: Sequence[float]) -> list[float]:
    """Each p as it stands when all of them were looked at, in the order given: below the level after this, and it may be told."""
    found, least = [0.0] * len(ps), 0.0
    for rank, at in enumerate(sorted(range(len(ps)), key=lambda at: ps[at])):
        least = max(least, min(1.0, (len(ps) - rank) * ps[at]))
        found[at] = least
    return found
