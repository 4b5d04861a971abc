"""RFM — where a buyer stands among the buyers: recency, frequency, money, each 1 (worst) to 5 (best).

A score is `1 + floor(5 × the share of buyers who are strictly worse)`. People with the same number get the same score, and
where most are alike most get the lower one: five equal heaps would need to be made by chance. Nobody who never bought
is scored. Two readings of one rule: Python for a list, Ibis for all; a test holds them together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple

from tiefen.insight.expressions import ibis, ir

FIFTHS = 5


class Buyer(NamedTuple):
    """What is known of somebody who bought."""

    recency_days: int
    """Days since the last order; fewer is better."""
    frequency: int
    """Orders."""
    money_fen: int
    """Paid less refunded."""


def cells(buyers: Mapping[int, Buyer]) -> dict[int, str]:
    """The cell of each, such as "545": recency, frequency, money."""
    worst_first = [
        sorted(-buyer.recency_days for buyer in buyers.values()),
        sorted(buyer.frequency for buyer in buyers.values()),
        sorted(buyer.money_fen for buyer in buyers.values()),
    ]

    def cell(buyer: Buyer) -> str:
        numbers = (-buyer.recency_days, buyer.frequency, buyer.money_fen)
        return "".join(str(_score(number, order)) for number, order in zip(numbers, worst_first, strict=True))

    return {person: cell(buyer) for person, buyer in buyers.items()}


def _score(number: int, worst_first: list[int]) -> int:
    return 1 + FIFTHS * bisect_left(worst_first, number) // len(worst_first)


def with_cells(buyers: ir.Table) -> ir.Table:
    """A table of (person, recency_days, frequency, money_fen) with `rfm_cell` added."""
    everybody = buyers.count().over(ibis.window())
    numbers = (-buyers.recency_days, buyers.frequency, buyers.money_fen)
    digits = [
        1 + (FIFTHS * ibis.rank().over(ibis.window(order_by=number)) // everybody).cast("int64") for number in numbers
    ]
    cell = digits[0].cast("string") + digits[1].cast("string") + digits[2].cast("string")
    return buyers.mutate(rfm_cell=cell)
