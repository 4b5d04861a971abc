"""Membership is intervals: whatever order facts come in, and rebuilt from them to the row."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ledger.scenes import (
    BAJIE,
    CAST,
    CORP,
    DAIYU,
    SECOND,
    SHASENG,
    WUKONG,
    joined,
    left,
    person_of,
    said,
    stays_in,
)
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Fact, GroupDismissed, Id
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page
from tiefen.ledger.rebuilding import rebuild_stays


def intervals(ledger: Ledger) -> list[tuple[int, int | None]]:
    """(joined, left) of every stay, in seconds."""
    found = ledger.snapshot(CORP).rows["stay"].sort_by([("group", "ascending"), ("joined_at", "ascending")])
    return [
        (int(row["joined_at"].timestamp()), None if row["left_at"] is None else int(row["left_at"].timestamp()))
        for row in found.to_pylist()
    ]


@pytest.mark.stores
def test_join_leave_and_rejoin_are_two_stays(ledger: Ledger) -> None:
    for fact in (joined(30), left(20), joined(10)):
        ledger.append(Batch(CORP, "x", [fact]))

    assert intervals(ledger) == [(10, 20), (30, None)]


@pytest.mark.stores
def test_who_only_speaks_was_there_from_then_on_and_nobody_knows_since_when(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [said(9), said(5), said(7)]))

    (stay,) = ledger.snapshot(CORP).rows["stay"].to_pylist()
    assert intervals(ledger) == [(5, None)]
    assert not stay["join_known"]


@pytest.mark.stores
def test_a_dismissed_group_holds_nobody(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [joined(1), joined(2, by=WUKONG), left(3)]))
    ledger.append(Batch(CORP, "x", [GroupDismissed(happened_us=9 * SECOND, source_id="d", group="诗社")]))

    assert sorted(intervals(ledger)) == [(1, 3), (2, 9)]


@pytest.mark.stores
def test_a_full_list_becomes_inferred_facts_and_the_same_list_again_nothing(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [joined(1), joined(2, by=WUKONG)]))

    first = ledger.reconcile(CORP, "诗社", [WUKONG, BAJIE], 5 * SECOND, "list")
    again = ledger.reconcile(CORP, "诗社", [WUKONG, BAJIE], 6 * SECOND, "list")

    assert (first.accepted, again.accepted) == (2, 0)
    assert intervals(ledger) == [(1, 5), (2, None), (5, None)]
    kinds = [(row.kind, row.body.get("inferred")) for row in facts_page(ledger, CORP, from_us=5 * SECOND).rows]
    assert sorted(kinds) == [("member.joined", True), ("member.left", True)]


@pytest.mark.stores
def test_an_inferred_fact_does_not_say_whom_it_is_about_in_its_id(ledger: Ledger) -> None:
    ledger.reconcile(CORP, "诗社", [Id("phone", "13812345678")], 5 * SECOND, "list")

    assert not [row for row in facts_page(ledger, CORP).rows if "13812345678" in row.source_id]


@pytest.mark.stores
def test_a_full_list_knows_somebody_under_any_of_their_ids(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [joined(1), said(2, by=WUKONG, group="取经")]))
    ledger.merge(CORP, person_of(ledger, DAIYU), person_of(ledger, WUKONG))

    assert ledger.reconcile(CORP, "诗社", [WUKONG], 5 * SECOND, "list").accepted == 0


@pytest.mark.stores
def test_a_full_list_of_an_empty_or_unknown_group_is_no_trouble(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [joined(1)]))

    assert ledger.reconcile(CORP, "诗社", [], 5 * SECOND, "list").accepted == 1
    assert ledger.reconcile(CORP, "新群", [SHASENG], 5 * SECOND, "list").accepted == 1
    assert ledger.reconcile(CORP, "没有", [], 5 * SECOND, "list").accepted == 0


_FACTS = st.lists(
    st.tuples(
        st.sampled_from(["said", "joined", "left", "dismissed"]),
        st.sampled_from(CAST[:2]),
        st.sampled_from(["诗社", "取经"]),
        st.integers(0, 12),
        st.booleans(),
    ),
    max_size=25,
)


def _fact(n: int, what: str, who: Id, group: str, at: int, inferred: bool) -> Fact:
    more: dict[str, Any] = {"by": who, "group": group, "at": at * SECOND}
    match what:
        case "said":
            return said(n, **more)
        case "joined":
            return joined(n, **more, inferred=inferred, via="qr_code" if inferred else "unknown")
        case "left":
            return left(n, **more, inferred=inferred)
        case _:
            return GroupDismissed(happened_us=at * SECOND, source_id=f"d{n}", group=group)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=_FACTS, cuts=st.lists(st.integers(0, 25), max_size=4), flush=st.booleans())
def test_stays_kept_step_by_step_are_the_stays_of_all_facts(
    ledger: Ledger, told: list[tuple[Any, ...]], cuts: list[int], flush: bool
) -> None:
    corp = f"c{len(ledger.corps())}"
    ledger.ensure_corp(corp)
    facts = [_fact(n, *one) for n, one in enumerate(told)]
    edges = [0, *sorted(min(cut, len(facts)) for cut in cuts), len(facts)]
    for start, end in pairwise(edges):
        ledger.append(Batch(corp, "x", facts[start:end]))
        if flush:
            ledger.flush()
    before = [stay for stay in stays_in(ledger) if stay[0] == corp]

    made = rebuild_stays(ledger, corp)

    assert [stay for stay in stays_in(ledger) if stay[0] == corp] == before
    assert made == len(before)


@pytest.mark.stores
def test_what_was_rebuilt_goes_on_as_before(ledger: Ledger) -> None:
    ledger.append(Batch(CORP, "x", [said(5), joined(3), said(1, by=WUKONG)]))
    rebuild_stays(ledger, CORP)

    ledger.append(Batch(CORP, "x", [left(6), said(4, by=BAJIE), said(0, by=WUKONG)]))

    assert sorted(intervals(ledger), key=str) == [(0, None), (3, 6), (4, None)]
