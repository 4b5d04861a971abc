"""What counts as coming back: orders in, records out, by columns and by the tables of insight."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.insight.scenes import Scene, tables_of, window_of
from tiefen.insight.models.purchases import orders
from tiefen.insight.models.purchases.records import Records, alike
from tiefen.insight.models.purchases.rhythm import LEAST_PAIRS
from tiefen.kit.clock import DAY_US

Order = tuple[int, int, int]
"""Who, on which day, how many fen."""


def records_of(*some: Order, as_of: int = 100) -> Records:
    return orders.records(_visits(some, as_of), as_of)


def _visits(some: tuple[Order, ...] | list[Order], as_of: int) -> orders.Visits:
    who, day, fen = np.array(some, np.int64).reshape(-1, 3).T
    return orders.visits(who, day, fen, as_of)


def test_a_person_is_four_numbers() -> None:
    known = records_of((7, 10, 1_000), (7, 40, 2_000), (7, 70, 400), (8, 90, 500))

    assert known.to_arrow().to_pylist() == [
        {"person": 7, "frequency": 2.0, "recency": 60.0, "age": 90.0, "spent_fen": 2_400.0},
        {"person": 8, "frequency": 0.0, "recency": 0.0, "age": 10.0, "spent_fen": 0.0},
    ]


def test_two_orders_on_a_day_are_one_visit() -> None:
    known = records_of((7, 10, 100), (7, 10, 200), (7, 40, 300), (7, 40, 400))

    assert (known.frequency.tolist(), known.spent_fen.tolist()) == ([1.0], [700.0])


def test_what_is_given_back_whole_was_no_order() -> None:
    known = records_of((7, 10, 1_000), (7, 40, 2_000), (7, 43, -2_000))

    assert (known.frequency.tolist(), known.recency.tolist()) == ([0.0], [0.0])


def test_what_is_given_back_in_part_lessens_the_order_before_it() -> None:
    known = records_of((7, 10, 1_000), (7, 40, 2_000), (7, 43, -500), (7, 60, 300))

    assert (known.frequency.tolist(), known.spent_fen.tolist()) == ([2.0], [1_800.0])


def test_more_given_back_than_paid_is_not_a_debt() -> None:
    known = records_of((7, 10, 1_000), (7, 40, 2_000), (7, 43, -9_000), (7, 60, 300))

    assert (known.frequency.tolist(), known.spent_fen.tolist()) == ([1.0], [300.0])


def test_an_order_of_nothing_is_an_order() -> None:
    known = records_of((7, 10, 0), (7, 40, 0))

    assert (known.frequency.tolist(), known.spent_fen.tolist()) == ([1.0], [0.0])


def test_money_back_without_an_order_is_nobodys_record() -> None:
    assert len(records_of((7, 10, -500))) == 0


def test_what_came_after_is_not_known_yet() -> None:
    known = records_of((7, 10, 100), (7, 200, 100), (8, 150, 100), as_of=100)

    assert (known.person.tolist(), known.frequency.tolist()) == ([7], [0.0])


def test_no_orders_make_no_records() -> None:
    assert len(records_of()) == 0
    assert orders.regularity(_visits([], 100)).pairs == 0


def test_exact_instants_are_told_in_days() -> None:
    at = np.array([0, DAY_US // 2, 3 * DAY_US])
    some = orders.visits(np.array([7, 7, 7]), at, np.array([1, 1, 1]), 4 * DAY_US)

    known = orders.records(some, 4 * DAY_US, unit=DAY_US)

    assert (known.frequency[0], known.recency[0], known.age[0]) == (2.0, 3.0, 4.0)


def test_records_go_to_arrow_and_come_back() -> None:
    known = records_of((7, 10, 1_000), (7, 40, 2_000), (8, 90, 500))

    again = Records.from_arrow(known.to_arrow())

    assert again.to_arrow() == known.to_arrow()


@pytest.mark.parametrize(
    "wrong",
    [
        {"recency": [5.0], "age": [4.0]},
        {"frequency": [-1.0]},
        {"frequency": [0.5]},
        {"age": [np.nan]},
        {"recency": [-1.0]},
    ],
    ids=str,
)
def test_impossible_records_are_refused(wrong: dict[str, list[float]]) -> None:
    fine = {"person": [1], "frequency": [1.0], "recency": [2.0], "age": [4.0], "spent_fen": [0.0]}

    with pytest.raises(ValueError, match="Records need"):
        Records(**{name: np.array(values) for name, values in (fine | wrong).items()})


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30), st.integers(-3, 3)), max_size=60), st.integers(0, 35))
def test_the_order_of_rows_does_not_matter_where_nothing_is_given_back(some: list[Order], as_of: int) -> None:
    bought = [(who, day, max(fen, 0)) for who, day, fen in some]

    assert records_of(*bought, as_of=as_of).to_arrow() == records_of(*reversed(bought), as_of=as_of).to_arrow()


_ANY = st.lists(
    st.tuples(
        st.integers(1, 4),  # who
        st.integers(0, 40),  # day
        st.integers(0, 300),  # paid
        st.none() | st.tuples(st.integers(0, 5), st.integers(1, 400)),  # given back so many days later
    ),
    max_size=25,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_ANY)
def test_the_tables_of_insight_give_the_same_as_columns(
    tmp_path: Path, some: list[tuple[int, int, int, tuple[int, int] | None]]
) -> None:
    """Where each refund is of the order it names, a person's orders are told one by one to the columns."""
    scene, first, netted = Scene(), date(2026, 10, 1), []
    for number, (who, day, paid, back) in enumerate(some):
        at = f"{first + timedelta(days=day)} 12:00"
        scene.fact("order.paid", at, person=who, order=f"o{number}", amount_fen=paid)
        given_back = 0
        if back:
            later, given_back = back
            then = f"{first + timedelta(days=day + later)} 12:00"
            scene.fact("order.refunded", then, person=who, order=f"o{number}", amount_fen=given_back)
        if not (paid > 0 and given_back >= paid):
            netted.append((who, day, max(paid - given_back, 0)))
    snapshot = scene.snapshot("2026-11-26 12:00")
    as_of = (date(2026, 11, 26) - first).days

    with tables_of(snapshot, tmp_path) as tables:
        window = window_of(snapshot)
        ours = orders.visits_in(tables, window)

    visits = _visits(netted, as_of)
    assert ours.person.tolist() == visits.person.tolist()
    assert (ours.at - orders.number_of(first)).tolist() == visits.at.tolist()
    assert ours.fen.tolist() == visits.fen.tolist()


def test_staff_have_no_records(tmp_path: Path) -> None:
    scene = Scene()
    scene.fact("order.paid", "2026-10-01", person=1, order="a", amount_fen=100)
    scene.fact("order.paid", "2026-10-01", person=2, order="b", amount_fen=100)
    scene.rows["person"].append({"person": 2, "staff": True})
    snapshot = scene.snapshot()

    with tables_of(snapshot, tmp_path) as tables:
        known = orders.visits_in(tables, window_of(snapshot))

    assert known.person.tolist() == [1]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30), st.integers(0, 300)), max_size=60), st.integers(0, 30))
def test_what_was_known_and_what_came_since_are_all_there_was(some: list[Order], cut: int) -> None:
    visits, people = _visits(some, 40), np.unique([who for who, _, _ in some]).astype(np.int64)

    before = orders.until(visits, cut)
    times, fen = orders.since(visits, cut, people)

    assert before.person.tolist() == _visits([one for one in some if one[1] <= cut], 40).person.tolist()
    assert len(before.person) + times.sum() == len(visits.person)
    assert before.fen.sum() + fen.sum() == visits.fen.sum()
    of_nobody = orders.since(visits, cut, people[1:])[0]
    assert of_nobody.tolist() == times[1:].tolist()


def test_people_who_order_by_the_clock_are_found_to_be_even_and_people_of_chance_are_not() -> None:
    dice = np.random.default_rng(4)
    for shape in (1.0, 4.0):
        waits = dice.gamma(shape, 1000 / shape, (400, 6)).round().astype(np.int64) + 1
        at = np.cumsum(waits, axis=1)
        some = orders.visits(np.repeat(np.arange(400), 6), at.ravel(), np.ones(2_400, np.int64), int(at.max()))

        found = orders.regularity(some)

        assert found.pairs == 800
        assert found.shape == pytest.approx(shape, rel=0.2)


def test_few_waits_are_taken_for_chance() -> None:
    found = orders.regularity(_visits([(1, 0, 1), (1, 10, 1), (1, 20, 1)], 30))

    assert found.pairs < LEAST_PAIRS
    assert (found.shape, found.told) == (1.0, False)


_RECORD = st.tuples(st.integers(0, 6), st.integers(0, 40), st.integers(0, 40))


@given(st.lists(_RECORD, max_size=60), st.sampled_from([1.0, 7.0, 1e-7]), st.booleans())
def test_putting_records_together_loses_nobody(some: list[tuple[int, int, int]], unit: float, who: bool) -> None:
    rows_of = [(x, last if x else 0, last + more) for x, last, more in some]
    frequency, recency, age = np.array(rows_of, float).reshape(-1, 3).T
    known = Records(np.arange(len(some)), frequency, recency, age, np.zeros(len(some))).scaled(unit)

    rows = alike(known, who=who)

    def listed(*parts: np.ndarray) -> list[tuple[float, ...]]:
        return sorted(zip(*(part.tolist() for part in parts), strict=True))

    many = rows.people.astype(int)
    again = listed(*(np.repeat(part, many) for part in (rows.frequency, rows.recency, rows.age)))
    assert again == listed(known.frequency, known.recency, known.age)
    assert len(set(listed(rows.frequency, rows.recency, rows.age))) == len(rows)
    if who:
        assert np.array_equal(rows.recency[rows.of], known.recency)
        assert np.array_equal(rows.age[rows.of], known.age)
