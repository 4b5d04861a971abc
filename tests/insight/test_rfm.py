"""RFM cells: honest about ties, and the same by Python and by Ibis."""

from __future__ import annotations

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tiefen.insight.rfm import Buyer, cells, with_cells


def test_the_best_of_five_is_555_and_the_worst_111() -> None:
    buyers = {i: Buyer(recency_days=100 - i, frequency=i, money_fen=100 * i) for i in range(5)}

    assert cells(buyers) == {0: "111", 1: "222", 2: "333", 3: "444", 4: "555"}


def test_buyers_who_are_all_alike_are_not_sorted_by_chance() -> None:
    buyers = {i: Buyer(recency_days=7, frequency=1, money_fen=990) for i in range(50)}

    assert set(cells(buyers).values()) == {"111"}


def test_where_most_bought_once_the_few_who_came_back_stand_out() -> None:
    buyers = {i: Buyer(10, 1, 990) for i in range(9)} | {9: Buyer(10, 2, 990)}

    assert cells(buyers)[9] == "151"


def test_nobody_bought_and_nobody_has_a_cell() -> None:
    assert cells({}) == {}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4), st.integers(-500, 500)), min_size=1, max_size=40))
def test_python_and_ibis_agree(rows: list[tuple[int, int, int]]) -> None:
    buyers = {person: Buyer(*row) for person, row in enumerate(rows)}
    table = pa.table(
        {"person": list(buyers), **{f: [getattr(b, f) for b in buyers.values()] for f in Buyer._fields}},
        schema=pa.schema([(name, pa.int64()) for name in ("person", *Buyer._fields)]),
    )

    found = with_cells(ibis.memtable(table)).to_pyarrow()

    assert dict(zip(found["person"].to_pylist(), found["rfm_cell"].to_pylist(), strict=True)) == cells(buyers)
