"""Moving people through a journey's steps: whole crowds at a time, until each rests or has left. Knows no tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tiefen.act.journeys.definition import Journey
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps import Jump
from tiefen.act.journeys.steps.base import Crowd, Numbers
from tiefen.kit.clock import SECOND_US


class Places(NamedTuple):
    """Where people are, column by column."""

    person: Numbers
    entry: Numbers
    step: npt.NDArray[np.object_]
    since_us: Numbers
    lap: Numbers
    turns: Numbers


class Move(NamedTuple):
    """A way that some took out of a step."""

    step: str
    way: str
    who: Numbers
    """Their places in the crowd."""


@dataclass(slots=True)
class Moved:
    """Where everybody is afterwards, column by column, and how they came there."""

    step: npt.NDArray[np.object_]
    since_us: Numbers
    due_us: Numbers
    lap: Numbers
    turns: Numbers
    out: npt.NDArray[np.object_]
    """How they left; None for who is still inside."""
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    moves: list[Move] = field(default_factory=list)


def advance(scene: Scene, journey: Journey, at: Places, happened: npt.NDArray[np.bool_] | None = None) -> Moved:
    """Take every step that is due. Calling early is harmless; what steps bring about is in the scene's effects.

    A loop passes a wait, in which everybody rests, so this comes to an end.
    """
    n, now = len(at.person), scene.now_us
    by_id = journey.by_id
    happened = np.zeros(n, dtype=bool) if happened is None else happened.copy()
    moved = Moved(
        at.step.copy(), at.since_us.copy(), np.full(n, now, dtype=np.int64), at.lap.copy(), at.turns.copy(),
        np.full(n, None, dtype=object),
    )  # fmt: skip
    counts = moved.counts
    front: dict[str, list[Numbers]] = {}
    for step_id in set(at.step.tolist()):
        front[step_id] = [np.flatnonzero(at.step == step_id)]
    while front:
        step_id = next(iter(front))
        who = np.concatenate(front.pop(step_id))
        step = by_id.get(step_id)
        if step is None:
            # Publishing moves everybody out of steps that go; whoever is in one all the same has nowhere to be.
            moved.out[who] = "version_gone"
            counts[step_id, "left:version_gone"] += len(who)
            continue
        crowd = Crowd(
            at.person[who], at.entry[who], moved.lap[who], moved.turns[who], moved.since_us[who], happened[who]
        )
        taken = step.take(scene, crowd)
        ways = step.ways()
        stays = np.ones(len(who), dtype=bool)
        for way, mask in taken.ways.items():
            some = who[mask]
            if not len(some):
                continue
            stays &= ~mask
            moved.moves.append(Move(step_id, way, some))
            counts[step_id, f"way:{way}"] += len(some)
            counts[step_id, "dwell_s"] += int(np.maximum(now - moved.since_us[some], 0).sum() // SECOND_US)
            moved.since_us[some] = now
            happened[some] = False
            if isinstance(step, Jump):
                moved.lap[some] += way == "again"
                moved.turns[some] = moved.turns[some] + 1 if way == "again" else 0
            to = ways[way]
            if to is None:
                moved.out[some] = "left" if way == "left" else "end"
            else:
                moved.step[some] = to
                counts[to, "in"] += len(some)
                front.setdefault(to, []).append(some)
        if stays.any():
            assert taken.due_us is not None, f"nobody can stay in a {type(step).__name__}"
            moved.due_us[who[stays]] = taken.due_us[stays]
    return moved
