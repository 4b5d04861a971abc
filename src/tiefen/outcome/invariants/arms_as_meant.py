"""Arms have as many units as they were meant to have."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from tiefen.ledger.schema.experiments import experiment_results
from tiefen.outcome.invariants.base import Invariant, Scene, Seen, seen
from tiefen.outcome.results import Result

ALARM = 0.001
"""Of many experiments that are looked at again and again: a stricter alarm than the page of one has."""


def _look(scene: Scene) -> Seen:
    asked = sa.select(experiment_results.c.body).where(experiment_results.c.corp_id == scene.corp_id)
    found = []
    for body in scene.connection.scalars(asked):
        try:
            found.append(msgspec.json.decode(body, type=Result))
        except msgspec.ValidationError:
            continue  # kept by an older version, and measured anew before long
    return seen(
        len(found),
        (
            {"experiment": one.experiment_id, "p": one.ratio_p, "units": {arm.arm: arm.units for arm in one.arms}}
            for one in found
            if one.ratio_p < ALARM
        ),
    )


INVARIANT = Invariant(
    "arms_as_meant", "实验分组比例正常", "Arms are as large as they were meant to be",
    "样本比例检查 p < 0.001 的实验：分组出了错，结果不可信。",
    "Experiments whose arms are filled otherwise than meant (p < .001): something is wrong, and nothing they say is to be trusted.",
    _look,
)  # fmt: skip
