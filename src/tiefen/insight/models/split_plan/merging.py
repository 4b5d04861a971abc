"""并群方案 — several groups into one: who is in more than one of them, who must be asked over, which group stays, who leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from tiefen.insight.models.split_plan.crowd import Ints


@dataclass(frozen=True, slots=True)
class Side:
    """One of the groups."""

    group: int
    people: Ints
    """Its members, people who work here left out."""
    leaders: Mapping[int, int]
    """Person → how many listen to them."""
    messages: float | None
    """Within the window; None where nobody knows."""


@dataclass(frozen=True, slots=True)
class MergePlan:
    """The group there would be. `fits` says whether it is within the cap; where not, `needed` groups would hold them."""

    keeper: int
    because: str
    """`talk`: most messages per head; `size`: most members, where not of all is the talk known."""
    people: Ints
    doubles: Ints
    """Who is in two or more of them: they would get everything once instead of twice."""
    invited: Mapping[int, Ints]
    """Group → who of it is not in the keeper and must be asked over; nobody can be moved. Somebody in two others is
    asked in the first."""
    leads: tuple[tuple[int, int, int], ...]
    """(person, group, listeners), those with most listeners first."""
    cap: int
    fits: bool
    needed: int


def merge_plan(sides: Sequence[Side], cap: int = 500, *, most_leaders: int = 10) -> MergePlan:
    """What merging two or more groups comes to; the groups must be different ones."""
    assert len({side.group for side in sides}) == len(sides) >= 2, "two or more different groups"
    assert cap >= 1
    own = [np.unique(side.people) for side in sides]
    everybody, times = np.unique(np.concatenate(own), return_counts=True)
    heard = all(side.messages is not None for side in sides)
    by_talk = [(side.messages or 0.0) / max(1, len(people)) for side, people in zip(sides, own, strict=True)]
    sizes = [len(people) for people in own]
    # A group of three that talks is no home for hundreds: only groups of at least a third of the largest may stay.
    may_stay = [size >= max(sizes) / 3 for size in sizes]
    worth = by_talk if heard and any(by_talk) else [float(size) for size in sizes]
    at = max(range(len(sides)), key=lambda n: (may_stay[n], worth[n], sizes[n], -sides[n].group))
    here = own[at]
    invited: dict[int, Ints] = {}
    for number, side in enumerate(sides):
        if number != at:
            invited[side.group] = np.setdiff1d(own[number], here)
            here = np.union1d(here, own[number])
    voices: dict[int, tuple[int, int]] = {}
    for side, people in zip(sides, own, strict=True):
        members = set(people.tolist())
        for person, listeners in side.leaders.items():
            if person in members and (person not in voices or listeners > voices[person][1]):
                voices[person] = side.group, listeners
    leads = sorted(((who, group, n) for who, (group, n) in voices.items()), key=lambda one: (-one[2], one[0]))
    return MergePlan(
        sides[at].group, "talk" if worth is by_talk else "size", everybody, everybody[times > 1], invited,
        tuple(leads[:most_leaders]), cap, len(everybody) <= cap, max(1, ceil(len(everybody) / cap)),
    )  # fmt: skip
