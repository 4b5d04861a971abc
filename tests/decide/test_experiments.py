"""Arms are drawn by a chance that anybody can recompute and that does not change its mind."""

from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import CORP
from tiefen.decide.experiments import (
    HOLDOUT,
    Experiment,
    UnsoundExperiment,
    arm_of,
    arms,
    assigned,
    begin,
    end,
    held_out,
)
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Id, MemberJoined
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import people
from tiefen.ledger.schema.experiments import experiments

PEOPLE = np.arange(1, 40_001)
THREE = Experiment(experiment_id="spring", arms=(("a", 0.5), ("b", 0.3), ("c", 0.2)), holdout=0.1)


def share(drawn: list[str], arm: str) -> float:
    return drawn.count(arm) / len(drawn)


def test_each_arm_gets_about_what_it_was_meant_to_get() -> None:
    drawn = arms(THREE, PEOPLE)

    assert {arm: share(drawn, arm) for arm in THREE.shares} == pytest.approx(THREE.shares, abs=0.01)


def test_one_person_is_drawn_as_among_many() -> None:
    assert [arm_of(THREE, number) for number in range(1, 200)] == arms(THREE, PEOPLE)[:199]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 2**40), min_size=1, max_size=50), st.lists(st.integers(1, 2**40), max_size=50))
def test_a_growing_audience_moves_nobody(first: list[int], later: list[int]) -> None:
    assert arms(THREE, np.array(first + later))[: len(first)] == arms(THREE, np.array(first))


def test_a_larger_holdout_takes_people_and_shuffles_no_variants() -> None:
    before = arms(THREE, PEOPLE)
    after = arms(Experiment(experiment_id="spring", arms=THREE.arms, holdout=0.2), PEOPLE)

    moved = {(one, other) for one, other in zip(before, after, strict=True) if one != other}
    assert moved == {("a", HOLDOUT), ("b", HOLDOUT), ("c", HOLDOUT)}


def test_a_variant_that_gains_people_takes_them_and_nobody_else_moves() -> None:
    grown = Experiment(experiment_id="spring", arms=(("a", 0.6), ("b", 0.24), ("c", 0.16)), holdout=0.1)

    before, after = arms(THREE, PEOPLE), arms(grown, PEOPLE)

    moved = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    assert {other for _, other in moved} == {"a"}
    assert len(moved) / len(PEOPLE) == pytest.approx(0.09, abs=0.006)


def test_one_experiment_says_nothing_about_another() -> None:
    other = Experiment(experiment_id="autumn", arms=THREE.arms, holdout=0.1)
    mine, theirs = np.array(arms(THREE, PEOPLE)), np.array(arms(other, PEOPLE))

    assert np.mean(theirs[mine == "a"] == "a") == pytest.approx(0.45, abs=0.015)
    assert np.mean(held_out(HOLDOUT, PEOPLE[mine == HOLDOUT], 0.1)) == pytest.approx(0.1, abs=0.015)


def test_a_tree_is_drawn_whole_and_who_is_in_none_alone() -> None:
    trees = Experiment(experiment_id="quest", holdout=0.5, unit="tree")
    roots = {number: number // 10 * 10 for number in range(10, 500)}

    facts = assigned(trees, list(range(10, 510)), 1, roots=roots)

    by_root: dict[int, set[str]] = {}
    for number, fact in zip(range(10, 510), facts, strict=True):
        by_root.setdefault(roots.get(number, number), set()).add(fact.arm)
    assert {len(found) for found in by_root.values()} == {1}
    assert {arm for found in by_root.values() for arm in found} == {"sent", HOLDOUT}


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"arms": (("a", 0.5), ("b", 0.6))}, "add up"),
        ({"arms": (("a", 1.5), ("b", -0.5))}, "add up"),
        ({"arms": ()}, "names"),
        ({"arms": (("a", 0.5), ("a", 0.5))}, "names"),
        ({"arms": (("holdout", 1.0),)}, "holdout"),
        ({"holdout": 1.0}, "between"),
        ({"holdout": float("nan")}, "between"),
        ({"experiment_id": " "}, "no name"),
        ({"unit": "phone"}, "unit phone"),
    ],
)
def test_arms_that_cannot_be_drawn_are_refused(asked: dict[str, object], why: str) -> None:
    with pytest.raises(UnsoundExperiment, match=why):
        Experiment(**({"experiment_id": "x"} | asked))  # type: ignore[arg-type]


@pytest.mark.stores
def test_whoever_was_drawn_once_stays_where_they_are(ledger: Ledger) -> None:
    joined = [
        MemberJoined(happened_us=1, source_id=f"j{n}", group="g", member=Id("unionid", f"u{n}")) for n in range(50)
    ]
    ledger.append(Batch(CORP, "test", joined))
    with ledger.read() as connection:
        numbers = sorted(connection.scalars(sa.select(people.c.person_id)))
    half = Experiment(experiment_id="x", holdout=0.5)
    other = Experiment(experiment_id="x", holdout=0.9)

    with ledger.together() as together:
        begin(together.connection, CORP, half, 5, name="春")
        begin(together.connection, CORP, other, 6)
        first = together.append(Batch(CORP, "act", assigned(half, numbers, 5)))
        again = together.append(Batch(CORP, "act", assigned(other, numbers, 6)))
        end(together.connection, CORP, "x", 9)

    assert (first.accepted, again.accepted, again.duplicates) == (50, 0, 50)
    with ledger.read() as connection:
        row = connection.execute(sa.select(experiments)).one()
    assert (row.holdout, row.name, row.began_us, row.ended_us) == (0.5, "春", 5, 9)


def test_a_group_is_assigned_by_its_outer_id() -> None:
    groups = Experiment(experiment_id="launch", holdout=0.5, unit="group")

    facts = assigned(groups, [7], 3, groups={7: "wr7"})

    assert (facts[0].group, facts[0].person, facts[0].source_id) == ("wr7", None, "launch:g7")
