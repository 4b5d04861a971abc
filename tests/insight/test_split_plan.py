"""Plans of splits and merges: the cap holds, circles and ties are kept, leaders are spread, and everybody learns why."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pymetis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from tiefen.insight.models.split_plan import Crowd, Impossible, Plan, Side, Weights, merge_plan, split_plan
from tiefen.insight.models.split_plan.crowd import Ints
from tiefen.insight.models.split_plan.dividing import cut, divided
from tiefen.insight.models.split_plan.refining import Bounds, refined, worth
from tiefen.insight.models.split_plan.seats import seated

ALONE = np.zeros(0, np.int64)


def crowd(n: int, ties: list[tuple[int, int, float]] = [], **more: Any) -> Crowd:  # noqa: B006
    a, b, weight = (np.array(side) for side in zip(*ties, strict=True)) if ties else (ALONE, ALONE, np.zeros(0))
    known = {"circle": np.full(n, -1), "leader": np.zeros(n, bool), "joined": np.arange(n)} | more
    return Crowd(np.arange(100, 100 + n), a.astype(np.int64), b.astype(np.int64), weight.astype(float), **known)


def planned(of: Crowd, weights: Weights = Weights(), **asked: Any) -> Plan:  # noqa: B008
    plan = split_plan(of, weights, **asked)
    assert isinstance(plan, Plan), plan
    return plan


def planted(n: int, parts: int, degree: int, noise: float, seed: int) -> tuple[Ints, Any]:
    """People of `parts` hidden groups; a tie is with somebody of one's own, or, at the share `noise`, with anybody."""
    lots = np.random.default_rng(seed)
    truth = np.arange(n) % parts
    a = lots.integers(0, n, n * degree // 2)
    own = lots.integers(0, n // parts, len(a)) * parts + truth[a]
    b = np.where(lots.random(len(a)) < noise, lots.integers(0, n, len(a)), own)
    a, b = a[a != b], b[a != b]
    ends = np.concatenate((a, b)), np.concatenate((b, a))
    return truth, sparse.coo_matrix((np.ones(2 * len(a)), ends), shape=(n, n)).tocsr()


def by_metis(graph: Any, parts: int) -> Ints:
    adjacency = pymetis.CSRAdjacency(graph.indptr, graph.indices)
    _, part = pymetis.part_graph(parts, adjacency=adjacency, eweights=graph.data.astype(int).tolist())
    return np.array(part)


def talkative(seed: int = 3) -> Crowd:
    """Four circles of 20 with a leader and a voice each, some talk across, and 20 who never said a word."""
    lots = np.random.default_rng(seed)
    ties: dict[tuple[int, int], float] = {}
    for number in range(4):
        own = range(number * 20, number * 20 + 20)
        for _ in range(80):
            one, other = sorted(lots.choice(list(own), 2, replace=False).tolist())
            ties[one, other] = float(lots.integers(1, 9))
    for _ in range(40):
        one, other = sorted(lots.choice(80, 2, replace=False).tolist())
        ties.setdefault((one, other), 1.0)
    circle = np.where(np.arange(100) < 80, np.arange(100) // 20, -1)
    leader = np.zeros(100, bool)
    leader[[0, 1, 20, 21, 40, 41, 60, 61]] = True
    return crowd(100, [(a, b, w) for (a, b), w in ties.items()], circle=circle, leader=leader,
                 kinds={"city": np.arange(100) % 3, "sex": np.arange(100) // 50}, numbers={"age": lots.normal(30, 8, 100)})  # fmt: skip


# ---- what is cut -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "parts", "cap", "noise"), [(1800, 6, 350, 0.5), (500, 2, 260, 0.3), (400, 5, 80, 0.4)])
def test_hidden_groups_are_found_under_the_cap_and_better_than_metis(
    n: int, parts: int, cap: int, noise: float
) -> None:
    truth, graph = planted(n, parts, 10, noise, 7)

    part = divided(graph, parts, Bounds(2 * n // parts - cap, cap))

    metis = by_metis(graph, parts)
    assert np.bincount(part, minlength=parts).max() <= cap
    assert cut(graph, part)[0] <= cut(graph, metis)[0]
    assert cut(graph, part)[0] <= 1.01 * cut(graph, truth)[0]


def test_a_sheet_is_cut_across_as_short_as_metis_cuts_it() -> None:
    grid = nx.convert_node_labels_to_integers(nx.grid_2d_graph(30, 60))
    graph = sparse.csr_matrix(nx.to_scipy_sparse_array(grid, dtype=float))

    part = divided(graph, 2, Bounds(873, 927))

    assert cut(graph, part)[0] == 30
    assert cut(graph, part)[0] <= cut(graph, by_metis(graph, 2))[0]


def test_improving_never_makes_worse_and_never_leaves_the_bounds() -> None:
    _, graph = planted(300, 5, 6, 0.5, 11)
    begun = np.random.default_rng(1).permutation(np.arange(300) % 5)

    part = refined(graph, begun, 5, Bounds(60, 60))

    assert np.bincount(part).tolist() == [60] * 5
    assert worth(graph, part, 5) > 1.5 * worth(graph, begun, 5)


# ---- seats -------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_seats_cost_as_little_as_the_assignment_problem_says(data: st.DataObject) -> None:
    n, k = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 4))
    most = np.array(data.draw(st.lists(st.integers(0, 5), min_size=k, max_size=k)))
    least = np.array([data.draw(st.integers(0, int(m))) for m in most])
    if not least.sum() <= n <= most.sum():
        return
    cost = np.array(
        data.draw(st.lists(st.lists(st.integers(-9, 9), min_size=k, max_size=k), min_size=n, max_size=n)), float
    )

    part = seated(cost, least, most)

    sizes = np.bincount(part, minlength=k)
    assert (least <= sizes).all()
    assert (sizes <= most).all()
    assert cost[np.arange(n), part].sum() == pytest.approx(_cheapest(cost, least, most))


def _cheapest(cost: Any, least: Ints, most: Ints) -> float:
    """The same with a column for each seat; those that must be taken are worth more than everything else."""
    columns = [(p, seat < least[p]) for p in range(len(most)) for seat in range(int(most[p]))]
    seats = np.array([cost[:, p] - 1e6 * must for p, must in columns]).T
    rows, taken = linear_sum_assignment(seats)
    return float(sum(cost[row, columns[seat][0]] for row, seat in zip(rows, taken, strict=True)))


# ---- plans -------------------------------------------------------------------------------------------


def test_circles_stay_whole_and_leaders_are_spread() -> None:
    plan = planned(talkative(), parts=4, cap=30)

    assert plan.circles == (4, 4)
    assert [part.leaders for part in plan.parts] == [2, 2, 2, 2]
    assert max(part.size for part in plan.parts) <= 30
    assert plan.cut[0] < 0.3 * plan.cut_by_lot


def test_leaders_are_spread_though_they_all_talk_with_each_other() -> None:
    leader = np.arange(60) < 7
    plan = planned(crowd(60, [(a, b, 50.0) for a in range(7) for b in range(a)], leader=leader), parts=3, cap=25)

    assert sorted(part.leaders for part in plan.parts) == [2, 2, 3]


def test_what_a_person_weighs_up_goes_before_what_they_weigh_down() -> None:
    """People of one city talk with those of the others."""
    city = np.arange(90) % 3
    ties = [(a, b, 3.0) for a in range(90) for b in (a + 1, a + 2) if b < 90]
    of = crowd(90, ties, kinds={"city": city})

    by_city = planned(of, Weights(ties=0, near={"city": 1}), parts=3, cap=30)
    by_talk = planned(of, Weights(ties=1, near={"city": 0}), parts=3, cap=35)

    assert len(set(zip(by_city.part.tolist(), city.tolist(), strict=True))) == 3
    assert by_talk.cut[0] < 0.1 * by_talk.cut[1] < by_city.cut[0]


def test_a_contrast_gives_every_part_its_share() -> None:
    of = talkative()

    plan = planned(of, Weights(contrast={"sex": 3}, circles=0), parts=2, cap=60)
    without = planned(of, Weights(circles=0), parts=2, cap=60)

    uneven = [abs(a - b) for a, b in plan.spread["sex"]]
    sexes = [np.bincount(without.part[of.kinds["sex"] == sex], minlength=2) for sex in (0, 1)]
    assert max(uneven) <= 4
    assert max(abs(int(a) - int(b)) for a, b in sexes) > 4


def test_people_near_in_age_come_together() -> None:
    age = np.random.default_rng(4).permutation(np.linspace(18, 70, 80))

    plan = planned(crowd(80, numbers={"age": age}), Weights(near={"age": 1}), parts=2, cap=40)

    young, old = sorted((age[plan.part == part] for part in (0, 1)), key=np.mean)
    assert young.max() < old.min()


def test_without_a_number_there_are_as_many_parts_as_circles_that_fit() -> None:
    plan = planned(talkative(), Weights(leaders=0), parts=None, cap=40)

    assert plan.circles == (4, 4)
    assert max(part.size for part in plan.parts) <= 40
    assert min(part.size for part in plan.parts) >= 8


def test_a_circle_larger_than_the_cap_is_parted() -> None:
    whole = crowd(100, [(a, b, 1.0) for a in range(100) for b in range(a)])

    plan = planned(whole, parts=None, cap=30)

    assert max(part.size for part in plan.parts) <= 30
    assert sum(part.size for part in plan.parts) == 100


def test_everybody_learns_why() -> None:
    of = talkative()
    plan = planned(of, Weights(near={"city": 1}), parts=4, cap=30)

    acquainted = np.zeros((100, 100), bool)
    acquainted[of.tie_a, of.tie_b] = acquainted[of.tie_b, of.tie_a] = True
    for who, reasons in enumerate(plan.reasons):
        here = plan.part == plan.part[who]
        assert reasons
        for reason in reasons:
            if reason.code == "ties":
                assert (reason.part, reason.whole) == (int(acquainted[who][here].sum()), int(acquainted[who].sum()))
            if reason.code == "same":
                alike = of.kinds["city"] == of.kinds["city"][who]
                assert (reason.part, reason.whole) == (int(alike[here].sum()) - 1, int(alike.sum()) - 1)
        assert plan.lost[who] == acquainted[who][~here].sum()
    assert {"ties", "circle", "leader"} <= {reason.code for reason in plan.reasons[0]}


def test_lots_cut_what_a_plan_says_they_cut() -> None:
    of = talkative()
    plan = planned(of, parts=4, cap=30)
    lots = np.random.default_rng(2)

    drawn = []
    for _ in range(300):
        part = lots.permutation(plan.part)
        drawn.append(of.tie_weight[part[of.tie_a] != part[of.tie_b]].sum())

    assert plan.cut_by_lot == pytest.approx(float(np.mean(drawn)), rel=0.02)


def test_the_same_people_and_wishes_give_the_same_plan() -> None:
    assert planned(talkative(), parts=3, cap=40).part.tolist() == planned(talkative(), parts=3, cap=40).part.tolist()


# ---- what cannot be, and what can hardly be ------------------------------------------------------------


def test_what_cannot_be_is_said() -> None:
    assert split_plan(crowd(0), Weights(), parts=2) == Impossible("no_people", 0, 2, 500)
    assert split_plan(crowd(10), Weights(), parts=11) == Impossible("too_many_parts", 10, 11, 500)
    assert split_plan(crowd(10), Weights(), parts=2, cap=4) == Impossible("no_room", 10, 2, 4, 3)
    assert split_plan(crowd(10), Weights(), cap=0) == Impossible("bad_cap", 10, None, 0)


def test_one_person_is_one_part() -> None:
    plan = planned(crowd(1), parts=1, cap=1)

    assert (plan.parts[0].size, plan.cut, plan.reasons[0][0].code) == (1, (0.0, 0.0), "room")


def test_as_many_parts_as_people() -> None:
    assert sorted(planned(crowd(5, [(0, 1, 1.0)]), parts=5, cap=1).part.tolist()) == [0, 1, 2, 3, 4]


def test_five_hundred_without_a_word_are_parted_by_what_is_known_of_them() -> None:
    silent = crowd(500, kinds={"city": np.arange(500) // 100})

    plan = planned(silent, Weights(near={"city": 1}), parts=5, cap=100)

    assert [part.size for part in plan.parts] == [100] * 5
    assert len(set(zip(plan.part.tolist(), silent.kinds["city"].tolist(), strict=True))) == 5


def test_five_hundred_of_whom_nothing_is_known_are_parted_as_they_joined() -> None:
    plan = planned(crowd(500, joined=np.arange(500)[::-1].copy()), parts=2, cap=250)

    assert len(set(plan.part[:250].tolist())) == 1
    assert plan.reasons[0][0].code == "room"


# ---- the way back ----------------------------------------------------------------------------------


def test_a_merge_says_who_is_double_who_is_asked_over_and_who_leads() -> None:
    plan = merge_plan(
        [
            Side(1, np.arange(0, 40), {3: 9}, 10.0),
            Side(2, np.arange(30, 60), {35: 12, 50: 4}, 300.0),
            Side(3, np.arange(58, 65), {3: 99}, 900.0),
        ]
    )

    assert (plan.keeper, plan.because, len(plan.people), plan.fits) == (2, "talk", 65, True)
    assert plan.doubles.tolist() == [*range(30, 40), 58, 59]
    assert {group: people.tolist() for group, people in plan.invited.items()} == {1: [*range(30)], 3: [*range(60, 65)]}
    assert plan.leads == ((35, 2, 12), (3, 1, 9), (50, 2, 4))


def test_a_merge_that_is_too_large_says_how_many_groups_it_takes() -> None:
    plan = merge_plan([Side(1, np.arange(400), {}, None), Side(2, np.arange(300, 700), {}, None)], cap=500)

    assert (plan.fits, plan.needed, plan.because, plan.keeper) == (False, 2, "size", 1)
