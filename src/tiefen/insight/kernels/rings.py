"""刷单团伙 — people who do the same things at the same times and nothing else: fraud rings.

Two people are tied when both did two of the same things within an hour (came by the same source, joined the same group, left it,
were lost, bought or gave back for the same sum), or one and have the same inviter, or came by the same way in an hour that so
many never come in. The ties make a graph; its dense cores are candidates (SynchroTrap, Cao et al. 2014; Ianus at WeChat, Yuan et al. 2019: synchrony and shared
attributes). A candidate is only told where the others who came by the same ways at the same times are few, and where at least
two things speak against it that do not follow from coming together: a queue at a shop's QR code comes together too.

Only people who never said a word and kept nothing they bought are looked at: whoever talks or buys is not made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import pdtrc

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
TOGETHER_US = HOUR_US
MINUTE_US = 60_000_000
MOST_NEXT = 64
"""Of those who did the same within the hour, so many that came next are tied: a crowd needs no more to be seen as one."""
LEAST_TIES, LEAST_PEOPLE = 4, 8
PURE = 0.75
"""Of all who came by the same ways at the same times, at least this share must be hollow and tied."""
MOST, RARE = 0.5, 0.25
"""A sign counts where it holds of so many; hours are unusual at which others come a quarter as often as by chance."""
LEAST_SIGNS = 2
NONE = -1

ADD, JOIN, LEAVE, LOSE, BUY, BACK, SCAN = range(7)
"""What was done. Coming (add, join, scan) tells of the hour; the others of the end."""
_COMING = (ADD, JOIN, SCAN)
_RUSH = 7
"""The bit for coming in a rush."""
_LEAST_DAYS, _LEAST_EXPECTED, _CHANCE = 30.0, 0.05, 1e-6


@dataclass(frozen=True, slots=True)
class Acts:
    """Who did what, with what (a source, a group, a sum, a code), when. Any order."""

    person: Ints
    what: Ints
    object: Ints
    us: Ints

    def of(self, which: Bools | Ints) -> Acts:
        return Acts(self.person[which], self.what[which], self.object[which], self.us[which])


@dataclass(frozen=True, slots=True)
class Suspects:
    """Everybody hollow, sorted by `person`: their words and purchases are none."""

    person: Ints
    inviter: Ints
    """Who brought them, `NONE` where nobody did or staff."""
    gone: Bools
    """Nowhere any more, a week after they came."""
    gave_back: Bools
    """Bought, and gave everything back."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring and what speaks against it; shares are counts of `people`."""

    people: Ints
    ties: Ints
    """Of each: how many of the others they are tied to."""
    beside: int
    """Others who came by the same ways at the same times and are not part of it."""
    began_us: int
    ended_us: int
    same_object: int
    object: int
    """The source or code by which most of them came; `NONE` where there is none."""
    same_inviter: int
    inviter: int
    same_minute: int
    gone: int
    gave_back: int
    hours: float
    """How often others come at the hours at which these came, 1 being as often as by chance."""
    signs: tuple[str, ...]

    @property
    def density(self) -> float:
        """The share of pairs that are tied."""
        n = len(self.people)
        return float(self.ties.sum()) / (n * (n - 1)) if n > 1 else 0.0


def rings(acts: Acts, suspects: Suspects, *, zone_us: int = 0) -> list[Ring]:
    """Every ring, the largest first. `zone_us` is what the wall clock is ahead of UTC."""
    a, b = tied(acts, suspects, zone_us=zone_us)
    usual = np.bincount(_hour(acts.us[np.isin(acts.what, _COMING)], zone_us), minlength=24)
    found = (_judged(people, a, b, acts, suspects, usual, zone_us) for people in _cores(a, b))
    return sorted((ring for ring in found if ring is not None), key=lambda ring: (-len(ring.people), ring.people[0]))


# ---- ties ----


def tied(acts: Acts, suspects: Suspects, *, zone_us: int = 0) -> tuple[Ints, Ints]:
    """Pairs (a < b) of suspects who are tied."""
    who, n = suspects.person, max(len(suspects.person), 1)
    order = np.lexsort((acts.us, acts.object, acts.what))
    acts = acts.of(order)
    rushed = _rushed(acts, zone_us)
    hollow = np.isin(acts.person, who)
    some, rushed = acts.of(hollow), rushed[hollow]
    pairs, kinds = _distinct(*_together(some, rushed, np.searchsorted(who, some.person), n))
    a, b = pairs // n, pairs % n
    alike = (suspects.inviter[a] == suspects.inviter[b]) & (suspects.inviter[a] != NONE)
    kept = (kinds & (kinds - 1) != 0) | alike
    return who[a[kept]], who[b[kept]]


def _together(some: Acts, rushed: Bools, at: Ints, n: int) -> tuple[Ints, Ints]:
    """(pair as a·n + b with a < b, the bits of what they did) for each thing that two did within an hour."""
    pairs, kinds = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    begins = np.arange(len(at))
    for step in range(1, MOST_NEXT + 1):
        begins = begins[begins + step < len(at)]
        begins = begins[_same(some, begins, begins + step) & (some.us[begins + step] - some.us[begins] <= TOGETHER_US)]
        if not len(begins):
            break
        first = begins[at[begins] != at[begins + step]]
        second = first + step
        pairs.append(np.minimum(at[first], at[second]) * n + np.maximum(at[first], at[second]))
        rush = (rushed[first] & rushed[second]).astype(np.int64)
        kinds.append(np.left_shift(1, some.what[first]) | np.left_shift(rush, _RUSH))
    return np.concatenate(pairs), np.concatenate(kinds)


def _same(acts: Acts, one: Ints, other: Ints) -> Bools:
    return (acts.what[one] == acts.what[other]) & (acts.object[one] == acts.object[other])


def _rushed(acts: Acts, zone_us: int) -> Bools:
    """Of acts in their order: comings with so many others the same way within an hour as hardly ever happens by chance
    (Poisson), given how many come that way on other days and at which hours people come."""
    coming = np.isin(acts.what, _COMING)
    found = np.zeros(len(coming), bool)
    some = acts.of(coming)
    n = len(some.us)
    if not n:
        return found
    starts = np.flatnonzero(np.r_[True, ~_same(some, np.arange(1, n), np.arange(n - 1))])
    way = np.cumsum(np.r_[False, ~_same(some, np.arange(1, n), np.arange(n - 1))])
    # One line of time for all ways, each far from the next, so that one search serves all.
    apart = int(some.us.max() - some.us.min()) + 4 * DAY_US
    line = some.us - some.us.min() + way * apart
    near = _counted(line, TOGETHER_US)
    others = np.diff(np.append(starts, n))[way] - _counted(line, DAY_US // 2)
    days = np.maximum((some.us[np.append(starts[1:], n) - 1] - some.us[starts]) / DAY_US, _LEAST_DAYS)[way]
    hour = _hour(some.us, zone_us)
    profile = (np.bincount(hour, minlength=24) + 1) / (n + 24)
    around = (np.roll(profile, 1) + 2 * profile + np.roll(profile, -1)) / 2
    expected = np.maximum(others / days * around[hour], _LEAST_EXPECTED)
    found[coming] = (near >= LEAST_PEOPLE) & (pdtrc(near - 1, expected) < _CHANCE)
    return found


def _counted(line: Ints, reach: int) -> Ints:
    """How many stand within reach of each, itself included."""
    return np.searchsorted(line, line + reach, "right") - np.searchsorted(line, line - reach, "left")


def _distinct(pairs: Ints, kinds: Ints) -> tuple[Ints, Ints]:
    """Each pair once, with all they did together."""
    if not len(pairs):
        return pairs, kinds
    order = np.argsort(pairs, kind="stable")
    pairs, kinds = pairs[order], kinds[order]
    starts = np.flatnonzero(np.r_[True, pairs[1:] != pairs[:-1]])
    return pairs[starts], np.bitwise_or.reduceat(kinds, starts)


# ---- dense cores ----


def _cores(a: Ints, b: Ints) -> Iterator[Ints]:
    """People of each dense core: everybody tied to some of it, and nobody to much fewer than is usual in it."""
    people, ends = np.unique(np.concatenate((a, b)), return_inverse=True)
    n = len(people)
    a, b = ends[: len(a)], ends[len(a) :]
    least = np.full(n, LEAST_TIES)
    for _ in range(2):
        a, b, degree = _peeled(a, b, least, n)
        inside = degree > 0
        _, part = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)
        usual = np.bincount(part, degree, n) / np.maximum(np.bincount(part, inside, n), 1)
        least = np.maximum(least, np.ceil(usual[part] / 2).astype(np.int64))
    order = np.argsort(part, kind="stable")
    order = order[inside[order]]
    for some in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        if len(some) >= LEAST_PEOPLE:
            yield people[some]


def _peeled(a: Ints, b: Ints, least: Ints, n: int) -> tuple[Ints, Ints, Ints]:
    """The ties left when nobody has fewer than `least` of them."""
    while True:
        degree = np.bincount(a, minlength=n) + np.bincount(b, minlength=n)
        kept = (degree >= least)[a] & (degree >= least)[b]
        if kept.all():
            return a, b, degree
        a, b = a[kept], b[kept]


# ---- judged ----


def _judged(
    people: Ints, a: Ints, b: Ints, acts: Acts, suspects: Suspects, usual: Ints, zone_us: int
) -> Ring | None:  # fmt: skip
    inside = np.isin(acts.person, people)
    own = acts.of(inside)
    beside = _beside(own, acts, people)
    n = len(people)
    if n / (n + beside) < PURE:
        return None
    among = np.isin(a, people) & np.isin(b, people)
    ends = np.searchsorted(people, np.concatenate((a[among], b[among])))
    at = np.searchsorted(suspects.person, people)
    gone, back = int(suspects.gone[at].sum()), int(suspects.gave_back[at].sum())
    inviter, invited = _most(suspects.inviter[at])
    coming = own.of(np.isin(own.what, _COMING))
    hours = _oddness(_hour(coming.us, zone_us), usual)
    entered = own.of(np.isin(own.what, (ADD, SCAN)))
    way, by_way = _most(np.unique(np.stack((entered.person, entered.object), axis=1), axis=0)[:, 1])
    signs = tuple(
        sign
        for sign, speaks in (
            ("gone", gone >= MOST * n), ("gave_back", back >= MOST * n), ("one_inviter", invited >= MOST * n),
            ("odd_hours", hours < RARE),
        )
        if speaks
    )  # fmt: skip
    if len(signs) < LEAST_SIGNS:
        return None
    return Ring(
        people, np.bincount(ends, minlength=n), beside, int(coming.us.min()), int(own.us.max()), by_way, way, invited,
        inviter, _same_minute(coming), gone, back, hours, signs,
    )  # fmt: skip


def _beside(own: Acts, acts: Acts, people: Ints) -> int:
    """How many others came the ways that the ring came, each within an hour of several of the ring."""
    beside = [np.empty(0, np.int64)]
    for what, thing in np.unique(np.stack((own.what, own.object), axis=1), axis=0).tolist():
        here = (own.what == what) & (own.object == thing)
        if what not in _COMING or here.sum() < LEAST_TIES:
            continue
        times = np.sort(own.us[here])
        there = acts.of((acts.what == what) & (acts.object == thing))
        near = np.searchsorted(times, there.us + TOGETHER_US, "right") - np.searchsorted(times, there.us - TOGETHER_US)
        beside.append(there.person[near >= LEAST_TIES])
    return int((~np.isin(np.unique(np.concatenate(beside)), people)).sum())


def _most(values: Ints) -> tuple[int, int]:
    """(the commonest, how often), but for `NONE`."""
    found, many = np.unique(values[values != NONE], return_counts=True)
    if not len(found):
        return NONE, 0
    return int(found[many.argmax()]), int(many.max())


def _hour(us: Ints, zone_us: int) -> Ints:
    return (us + zone_us) // HOUR_US % 24


def _oddness(hours: Ints, usual: Ints) -> float:
    """How often others come at these hours, 1 being as often as at any."""
    others = usual - np.bincount(hours, minlength=24)
    return float(24 * others[hours].mean() / others.sum()) if others.sum() >= 240 else 1.0


def _same_minute(coming: Acts) -> int:
    """How many came the same way within a minute of another of them."""
    order = np.lexsort((coming.us, coming.object, coming.what))
    what, thing, us = coming.what[order], coming.object[order], coming.us[order]
    near = (what[1:] == what[:-1]) & (thing[1:] == thing[:-1]) & (us[1:] - us[:-1] <= MINUTE_US)
    close = np.r_[near, False] | np.r_[False, near]
    return len(np.unique(coming.person[order][close]))
