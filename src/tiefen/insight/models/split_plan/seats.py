"""Seats — everybody into a part so that the sum of costs is least and every part has neither too many nor too few.

This is the transportation problem. With as few parts as there are here the residual graph has a node for each part only:
moving somebody from p to q costs the least difference among those in p. Start with everybody where it costs least, then
move people along shortest paths from parts with too many to parts with room, and at last to parts with too few. Shortest
paths keep the residual graph free of negative cycles, so the end is a minimum (Ahuja, Magnanti and Orlin 1993, ch. 9).
"""

from __future__ import annotations

import numpy as np

from tiefen.insight.models.split_plan.crowd import Bools, Floats, Ints


def seated(cost: Floats, least: Ints, most: Ints) -> Ints:
    """The part of everybody: at least `least[p]` and at most `most[p]` in part p, at the least sum of `cost[person, part]`.
    The bounds must leave room: sum(least) ≤ people ≤ sum(most)."""
    n, k = cost.shape
    assert least.sum() <= n <= most.sum(), "no such seats"
    part = np.argmin(cost, axis=1).astype(np.int64)
    sizes = np.bincount(part, minlength=k)
    steps = _Steps(cost, part)
    while (sizes > most).any():
        sizes += steps.moved(sizes > most, sizes < most)
    while (sizes < least).any():
        sizes += steps.moved(sizes > least, sizes < least)
    return part


class _Steps:
    """What it costs to move somebody from one part to another, and who it would be."""

    def __init__(self, cost: Floats, part: Ints) -> None:
        self._cost, self._part, self._k = cost, part, cost.shape[1]
        self._price = np.full((self._k, self._k), np.inf)
        self._who = np.zeros((self._k, self._k), np.int64)
        for p in range(self._k):
            self._look(p)

    def _look(self, p: int) -> None:
        members = np.flatnonzero(self._part == p)
        self._price[p] = np.inf
        if len(members):
            more = self._cost[members] - self._cost[members, p][:, None]
            best = np.argmin(more, axis=0)
            self._price[p], self._who[p] = more[best, np.arange(self._k)], members[best]
            self._price[p, p] = np.inf

    def moved(self, sources: Bools, sinks: Bools) -> Ints:
        """Move along the cheapest path from a source to a sink; returns by how much each part has changed."""
        far = np.where(sources, 0.0, np.inf)
        before = np.full(self._k, -1)
        for _ in range(self._k):
            through = far[:, None] + self._price
            nearest = np.argmin(through, axis=0)
            shorter = through[nearest, np.arange(self._k)] < far - 1e-12
            if not shorter.any():
                break
            far = np.where(shorter, through[nearest, np.arange(self._k)], far)
            before = np.where(shorter, nearest, before)
        at = int(np.argmin(np.where(sinks, far, np.inf)))
        changed = np.zeros(self._k, np.int64)
        changed[at] += 1
        touched = {at}
        while before[at] >= 0:
            p = int(before[at])
            self._part[self._who[p, at]] = at
            at = p
            touched.add(at)
        changed[at] -= 1
        for p in touched:
            self._look(p)
        return changed
