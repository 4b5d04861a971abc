"""Improving a division by moving one person after the other, with the cap never left for longer than a step.

A tabu search (Glover 1989) over single moves: the best move is made even where it makes things worse, and whoever moved
stays for a while, so that the search leaves a valley. A part may be one above its cap, or one below its least, for one
move only: the next one must mend it. That makes exchanges and rings of exchanges out of single moves. The best division
seen within the bounds is the answer. Crowds too large for that are improved in sweeps of moves that each help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tiefen.insight.models.split_plan.crowd import Bools, Floats, Ints

TABU_CELLS = 60_000
"""So many people × parts are searched move by move; more in sweeps."""
_PATIENCE, _MOST_STEPS, _SWEEPS = 400, 6_000, 8


@dataclass(frozen=True, slots=True)
class Spread:
    """A kind of people that every part should have its share of: what it costs grows with the square of the difference."""

    kind: Ints
    """By person; -1 where it does not matter."""
    counts: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between how many and how many may be in a part."""

    least: int
    most: int


def refined(
    graph: Any, part: Ints, parts: int, bounds: Bounds, spread: Sequence[Spread] = (), *, fixed: Bools | None = None,
    seed: int = 7,
) -> Ints:  # fmt: skip
    """A division at least as good as `part`, which must be within the bounds. Who is `fixed` stays."""
    if parts < 2 or not len(part):
        return part
    search = _Search(graph, part.copy(), parts, bounds, spread, fixed)
    if len(part) * parts <= TABU_CELLS:
        return search.wander(np.random.default_rng(seed))
    return search.sweep()


def worth(graph: Any, part: Ints, parts: int, spread: Sequence[Spread] = ()) -> float:
    """What is being made large: the weight within parts, less what uneven spread costs."""
    rows = np.repeat(np.arange(len(part)), np.diff(graph.indptr))
    inside = float(graph.data[part[rows] == part[graph.indices]].sum()) / 2
    return inside - sum(one.counts * float((_table(one.kind, part, parts) ** 2).sum()) for one in spread)


def _table(kind: Ints, part: Ints, parts: int) -> Floats:
    """How many of each kind are in each part."""
    kinds = int(kind.max(initial=-1)) + 1
    known = kind >= 0
    cells = np.bincount(kind[known] * parts + part[known], minlength=kinds * parts)
    return cells.reshape(kinds, parts).astype(np.float64)


class _Search:
    def __init__(
        self, graph: Any, part: Ints, parts: int, bounds: Bounds, spread: Sequence[Spread], fixed: Bools | None
    ) -> None:
        self.graph, self.part, self.k, self.bounds, self.fixed = graph, part, parts, bounds, fixed
        self.everyone = np.arange(len(part))
        self.sizes = np.bincount(part, minlength=parts)
        inside = np.zeros((len(part), parts))
        inside[self.everyone, part] = 1.0
        self.pull = np.asarray(graph @ inside)
        """By person and part: how much keeps them there."""
        self.spread = [(one, _table(one.kind, part, parts)) for one in spread if one.counts > 0]

    def gains(self) -> Floats:
        """By person and part: what moving them there would bring."""
        gain = self.pull - self.pull[self.everyone, self.part][:, None]
        for one, table in self.spread:
            known = np.flatnonzero(one.kind >= 0)
            here = table[one.kind[known]]
            own = here[np.arange(len(known)), self.part[known]][:, None]
            gain[known] -= one.counts * 2.0 * (here - own + 1.0)
        gain[self.everyone, self.part] = -np.inf
        if self.fixed is not None:
            gain[self.fixed] = -np.inf
        return gain

    def move(self, who: int, to: int) -> None:
        graph, at = self.graph, int(self.part[who])
        near = slice(graph.indptr[who], graph.indptr[who + 1])
        neighbours, weight = graph.indices[near], graph.data[near]
        self.pull[neighbours, at] -= weight
        self.pull[neighbours, to] += weight
        for one, table in self.spread:
            if one.kind[who] >= 0:
                table[one.kind[who], at] -= 1
                table[one.kind[who], to] += 1
        self.sizes[at] -= 1
        self.sizes[to] += 1
        self.part[who] = to

    def wander(self, lots: np.random.Generator) -> Ints:
        n = len(self.part)
        tenure = min(max(3, n // 20), 40)
        free_at = np.zeros(n, np.int64)
        best, best_gain, gained, since = self.part.copy(), 0.0, 0.0, 0
        for step in range(_MOST_STEPS):
            gain = self.gains()
            gain[free_at > step] = -np.inf
            self._mend(gain)
            at = int(np.argmax(gain))
            who, to = divmod(at, self.k)
            if not np.isfinite(gain[who, to]):
                break
            gained += float(gain[who, to])
            self.move(who, to)
            free_at[who] = step + tenure + int(lots.integers(tenure))
            if gained > best_gain + 1e-9 and self._within():
                best, best_gain, since = self.part.copy(), gained, 0
            else:
                since += 1
                if since > _PATIENCE:
                    break
        return best

    def _within(self) -> bool:
        return int(self.sizes.max()) <= self.bounds.most and int(self.sizes.min()) >= self.bounds.least

    def _mend(self, gain: Floats) -> None:
        """Where a part is out of bounds, leave only moves that bring it back; another may be out by one in its stead."""
        over, under = self.sizes > self.bounds.most, self.sizes < self.bounds.least
        if over.any():
            gain[~over[self.part]] = -np.inf
        elif under.any():
            gain[:, ~under] = -np.inf

    def sweep(self) -> Ints:
        for _ in range(_SWEEPS):
            gain = self.gains()
            to = np.argmax(gain, axis=1)
            hope = gain[self.everyone, to]
            moved = 0
            for who in np.argsort(-hope, kind="stable")[: int((hope > 1e-9).sum())]:
                moved += self._step(int(who))
            if moved == 0:
                break
        return self.part

    def _step(self, who: int) -> bool:
        """Move somebody to where it helps most, if it still does and there is room."""
        at = int(self.part[who])
        if self.sizes[at] <= self.bounds.least:
            return False
        gain = self.pull[who] - self.pull[who, at]
        for one, table in self.spread:
            if one.kind[who] >= 0:
                here = table[one.kind[who]]
                gain = gain - one.counts * 2.0 * (here - here[at] + 1.0)
        gain = np.where(self.sizes < self.bounds.most, gain, -np.inf)
        gain[at] = -np.inf
        to = int(np.argmax(gain))
        if gain[to] <= 1e-9:
            return False
        self.move(who, to)
        return True


def within(part: Ints, parts: int, bounds: Bounds) -> bool:
    sizes = np.bincount(part, minlength=parts)
    return bool(sizes.max(initial=0) <= bounds.most and sizes.min(initial=bounds.most) >= bounds.least)


__all__ = ["Bounds", "Spread", "refined", "within", "worth"]
