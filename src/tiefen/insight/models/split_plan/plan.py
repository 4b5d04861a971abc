"""A plan of a split: the parts, who would go where and why, what it costs, and what chance or the order of joining would cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, sqrt
from typing import Any

import numpy as np

from tiefen.insight.models.split_plan import starts
from tiefen.insight.models.split_plan.affinity import affinity, ties
from tiefen.insight.models.split_plan.crowd import Bools, Crowd, Floats, Ints, Weights
from tiefen.insight.models.split_plan.dividing import cut, divided
from tiefen.insight.models.split_plan.refining import Bounds, Spread, refined
from tiefen.insight.models.split_plan.seats import seated

SURE = 1.0
"""A wish to spread that counts at least so much is kept to the seat, not only weighed."""
_SMALLEST = 0.2
"""Where the number of parts is free, none is smaller than this share of the cap if it can be helped."""


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why there can be no such plan: `no_people`, `bad_cap`, `too_many_parts` (more parts than people) or `no_room`
    (`parts` × `cap` is less than `people`; so many `needed` parts would do)."""

    code: str
    people: int
    parts: int | None = None
    cap: int | None = None
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is where they are: `part` of `whole`.

    `ties` those they talk with who are in the same part, of all; `circle` those of their circle, of all others in it; `same`
    those in the part who share the value of attribute `what`, of all who do; `leader` the leaders of the part, of all;
    `seat` they are tied more to part number `part`, and had to make room; `room` nothing is known of them that ties them.
    """

    code: str
    part: int
    whole: int
    what: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One group to be."""

    number: int
    size: int
    leaders: int
    ties: float
    """The weight of ties within it."""
    circles_whole: int
    """How many circles of two or more are in it with everybody."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everybody would go. Parts are numbered from the largest."""

    part: Ints
    parts: tuple[Part, ...]
    bounds: Bounds
    cut: tuple[float, float]
    """(weight of ties between parts, of all ties)."""
    cut_by_lot: float
    """What parts of these sizes cut on average when they are drawn by lot."""
    cut_by_joining: float
    """What they cut when people are parted in the order in which they joined."""
    circles: tuple[int, int]
    """(circles kept whole, circles of two or more)."""
    lost: Ints
    """By person: how many of those they talk with would be elsewhere."""
    known: Ints
    """By person: with how many they talk."""
    reasons: tuple[tuple[Reason, ...], ...] = field(repr=False)
    spread: dict[str, list[list[int]]] = field(default_factory=dict)
    """Contrast attribute → by value, how many are in each part."""


def split_plan(crowd: Crowd, weights: Weights, *, parts: int | None = None, cap: int = 500) -> Plan | Impossible:
    """A plan with `parts` parts of at most `cap` people. Where `parts` is None, as many as there are communities that fit.

    The cap is never exceeded. Where the number is given, no part is further below the mean than the cap is above it.
    """
    n = crowd.size
    if n == 0:
        return Impossible("no_people", 0, parts, cap)
    if cap < 1:
        return Impossible("bad_cap", n, parts, cap)
    if parts is not None:
        if parts < 1 or parts > n:
            return Impossible("too_many_parts", n, parts, cap)
        if parts * cap < n:
            return Impossible("no_room", n, parts, cap, ceil(n / cap))
    graph = affinity(crowd, weights)
    given: list[Ints] = []
    if parts is None:
        free = starts.natural(graph, cap, max(1, int(_SMALLEST * cap)))
        parts = int(free.max()) + 1
        bounds = Bounds(min(int(_SMALLEST * cap), n // parts), cap)
        given.append(free)
    else:
        bounds = Bounds(max(1, n // parts - max(0, min(cap, n) - ceil(n / parts))), cap)
    if not graph.nnz:
        given.append(starts.in_order(n, parts, np.argsort(crowd.joined, kind="stable")))
    spread = list(_spreads(crowd, weights, parts))
    part = divided(graph, parts, bounds, [one for _, one in spread], given)
    part = _kept_to_seats(graph, part, parts, bounds, spread, crowd, weights)
    part = _from_the_largest(part, parts)
    return _told(crowd, weights, graph, part, parts, bounds)


def _spreads(crowd: Crowd, weights: Weights, parts: int) -> Any:
    """What every part should have its share of, as (name, Spread); the name of leaders is None."""
    for name, counts in weights.contrast.items():
        if name in crowd.kinds and counts > 0:
            kind = crowd.kinds[name]
            fair = (kind >= 0).sum() / (max(1, int(kind.max(initial=0)) + 1) * parts)
            yield name, Spread(kind, 2.0 * counts / sqrt(max(1.0, fair)))
    if weights.leaders > 0 and crowd.leader.any():
        kind = np.where(crowd.leader, 0, -1)
        yield None, Spread(kind, 4.0 * weights.leaders / sqrt(max(1.0, crowd.leader.sum() / parts)))


def _kept_to_seats(
    graph: Any, part: Ints, parts: int, bounds: Bounds, spread: list[tuple[str | None, Spread]], crowd: Crowd,
    weights: Weights,
) -> Ints:  # fmt: skip
    """Leaders seated so that no part has two more than another, at the least loss; then everybody else anew around them."""
    if weights.leaders < SURE or not crowd.leader.any() or parts < 2:
        return part
    leaders = np.flatnonzero(crowd.leader)
    fair = len(leaders) / parts
    pull = _pull(graph, part, parts)
    part = part.copy()
    part[leaders] = seated(-pull[leaders], np.full(parts, int(fair)), np.full(parts, ceil(fair)))
    part = starts.within_bounds(graph, part, parts, bounds, crowd.leader)
    return refined(graph, part, parts, bounds, [one for _, one in spread], fixed=crowd.leader)


def _pull(graph: Any, part: Ints, parts: int) -> Floats:
    inside = np.zeros((len(part), parts))
    inside[np.arange(len(part)), part] = 1.0
    return np.asarray(graph @ inside)


def _from_the_largest(part: Ints, parts: int) -> Ints:
    order = np.argsort(-np.bincount(part, minlength=parts), kind="stable")
    number = np.empty(parts, np.int64)
    number[order] = np.arange(parts)
    return number[part]


def _told(crowd: Crowd, weights: Weights, graph: Any, part: Ints, parts: int, bounds: Bounds) -> Plan:
    talk = ties(crowd)
    sizes = np.bincount(part, minlength=parts)
    whole_circles, circles, by_part = _circles(crowd.circle, part, parts)
    acquainted = talk.copy()
    acquainted.data = np.ones_like(acquainted.data)
    met = _pull(acquainted, part, parts)
    everyone = np.arange(crowd.size)
    known, kept = met.sum(axis=1).astype(np.int64), met[everyone, part].astype(np.int64)
    between, all_ties = cut(talk, part)
    n = crowd.size
    together = float((sizes * (sizes - 1)).sum()) / (n * (n - 1)) if n > 1 else 1.0
    joining = cut(talk, starts.in_order(n, parts, np.argsort(crowd.joined, kind="stable")))[0]
    rows = np.repeat(everyone, np.diff(talk.indptr))
    inside = np.bincount(part[rows], talk.data * (part[rows] == part[talk.indices]), minlength=parts) / 2
    leaders = np.bincount(part[crowd.leader], minlength=parts)
    shown = tuple(
        Part(number, int(sizes[number]), int(leaders[number]), float(inside[number]), int(by_part[number]))
        for number in range(parts)
    )
    spread = {
        name: [np.bincount(part[crowd.kinds[name] == value], minlength=parts).tolist()
               for value in range(int(crowd.kinds[name].max(initial=-1)) + 1)]
        for name in weights.contrast if name in crowd.kinds
    }  # fmt: skip
    return Plan(
        part, shown, bounds, (between, all_ties), all_ties * (1.0 - together), joining, (whole_circles, circles),
        known - kept, known, _reasons(crowd, weights, _pull(graph, part, parts), part, known, kept, leaders), spread,
    )  # fmt: skip


def _circles(circle: Ints, part: Ints, parts: int) -> tuple[int, int, Ints]:
    """(how many circles are whole, how many there are, whole ones by part); circles of one do not count."""
    some = circle >= 0
    if not some.any():
        return 0, 0, np.zeros(parts, np.int64)
    numbers, where = np.unique(circle[some], return_inverse=True)
    table = np.zeros((len(numbers), parts), np.int64)
    np.add.at(table, (where, part[some]), 1)
    real = table.sum(axis=1) > 1
    whole = real & (table.max(axis=1) == table.sum(axis=1))
    return int(whole.sum()), int(real.sum()), np.bincount(table[whole].argmax(axis=1), minlength=parts)


def _reasons(
    crowd: Crowd, weights: Weights, pull: Floats, part: Ints, known: Ints, kept: Ints, leaders: Ints
) -> tuple[tuple[Reason, ...], ...]:
    """Why each is where they are, the weightiest first."""
    n, everyone = crowd.size, np.arange(crowd.size)
    told: list[list[Reason]] = [[] for _ in range(n)]
    if weights.ties > 0:
        _tell(told, "ties", kept, known, kept > 0)
    if weights.circles > 0:
        here, all_of = _alike_here(crowd.circle, part)
        _tell(told, "circle", here, all_of, here > 0)
    for name, counts in weights.near.items():
        if counts > 0 and name in crowd.kinds:
            here, all_of = _alike_here(crowd.kinds[name], part)
            fair = all_of / max(1, pull.shape[1])
            _tell(told, "same", here, all_of, (here > 0) & (here >= fair), name)
    if weights.leaders > 0 and crowd.leader.any():
        _tell(told, "leader", leaders[part], np.full(n, leaders.sum()), crowd.leader)
    own = pull[everyone, part]
    elsewhere = pull.copy()
    elsewhere[everyone, part] = -np.inf
    wanted = elsewhere.argmax(axis=1)
    torn = elsewhere[everyone, wanted] > own + 1e-9
    _tell(told, "seat", wanted, np.zeros(n, np.int64), torn)
    alone = np.array([not some for some in told], dtype=bool)
    _tell(told, "room", np.zeros(n, np.int64), np.zeros(n, np.int64), alone)
    return tuple(tuple(some) for some in told)


def _tell(told: list[list[Reason]], code: str, part: Ints, whole: Ints, of: Bools, what: str | None = None) -> None:
    for who in np.flatnonzero(of):
        told[who].append(Reason(code, int(part[who]), int(whole[who]), what))


def _alike_here(kind: Ints, part: Ints) -> tuple[Ints, Ints]:
    """By person: (how many others of their kind are in their part, how many others there are)."""
    some = kind >= 0
    parts = int(part.max(initial=0)) + 1
    cells = np.where(some, kind * parts + part, 0)
    counts = np.bincount(cells[some], minlength=1)
    whole = np.bincount(kind[some], minlength=1)
    here = np.where(some, counts[np.where(some, cells, 0)] - 1, 0)
    return here, np.where(some, whole[np.where(some, kind, 0)] - 1, 0)
