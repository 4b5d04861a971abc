"""Experiments: who gets a message and who is kept from it, by chance that anybody can recompute and that never changes its mind.

Three rules make it safe to forget who was put where: somebody's arm depends on the experiment and on them alone, so a growing
audience moves nobody; the holdout is cut off first and by a chance of its own, so that another holdout does not shuffle the
variants; and variants are drawn by weighted rendezvous (Thaler and Ravishankar 1998, "Using name-based mappings to increase hit
rates"; with weights after Schindelhauer and Schomaker 2005), so that a variant that gains people takes them and nobody else moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.chance import shares
from tiefen.kit.errors import TiefenError
from tiefen.kit.text import to_json
from tiefen.ledger import dialect
from tiefen.ledger.facts import ArmAssigned
from tiefen.ledger.identity import numbered
from tiefen.ledger.schema.experiments import experiments

Unit = Literal["person", "group", "tree"]
"""Who is put into an arm as a whole. In a group everybody sees what is said, so groups are drawn whole; what somebody passes on
reaches whom they invited, so referrals are drawn by the tree of their first inviter."""
HOLDOUT = "holdout"
"""The arm that gets nothing; also the experiment of those who get nothing from any campaign."""
USUAL_HOLDOUT = 0.05
USUAL_WINDOW_DAYS = 30


@dataclass(eq=False)
class UnsoundExperiment(TiefenError):
    """Arms that cannot be drawn."""

    status: ClassVar[int] = 422
    says: ClassVar[str] = "Experiment {experiment_id} cannot be drawn: {why}."

    experiment_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """Arms and their shares. `arms` share out whoever is not held out, so their shares are of those and add up to 1."""

    experiment_id: str
    """The campaign's or journey's; it is the salt of the chance."""
    arms: tuple[tuple[str, float], ...] = (("sent", 1.0),)
    holdout: float = USUAL_HOLDOUT
    unit: Unit = "person"

    def __post_init__(self) -> None:
        names = [name for name, _ in self.arms]
        why = None
        if not self.experiment_id.strip():
            why = "it has no name"
        elif not 0 <= self.holdout < 1:
            why = f"a holdout of {self.holdout} is not between 0 and 1"
        elif not names or len(set(names)) < len(names) or HOLDOUT in names or not all(names):
            why = "arms need names of their own, and none may be called holdout"
        elif any(not 0 <= share <= 1 for _, share in self.arms) or abs(sum(s for _, s in self.arms) - 1) > 1e-6:
            why = "the shares of its arms do not add up to 1"
        elif self.unit not in get_args(Unit):
            why = f"there is no unit {self.unit}"
        if why:
            raise UnsoundExperiment(self.experiment_id, why)

    @property
    def shares(self) -> dict[str, float]:
        """The share of all that each arm was meant to get, the holdout among them."""
        sent = {name: share * (1 - self.holdout) for name, share in self.arms}
        return (sent | {HOLDOUT: self.holdout}) if self.holdout else sent


def arm_of(experiment: Experiment, number: int) -> str:
    """The arm of one person, group, or root of a tree."""
    return arms(experiment, np.array([number]))[0]


def arms(experiment: Experiment, numbers: npt.NDArray[np.int64]) -> list[str]:
    """The arms of many, in their order."""
    return [(HOLDOUT, *(name for name, _ in experiment.arms))[at] for at in _drawn(experiment, numbers).tolist()]


def held_out(salt: str, numbers: npt.NDArray[np.int64], share: float) -> npt.NDArray[np.bool_]:
    """Who is kept from what has this salt. With the salt `HOLDOUT`: from every campaign."""
    return shares(salt, numbers) < share


def _drawn(experiment: Experiment, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    drawn = np.zeros(len(numbers), np.int64)
    if len(experiment.arms) == 1:
        drawn[:] = 1
    else:
        strength = np.empty((len(experiment.arms), len(numbers)))
        for at, (name, share) in enumerate(experiment.arms):
            # −ln(u)/w is exponential with rate w: the least of them is arm i with chance w_i, and to raise w_i only lowers i's.
            u = 1 - shares(f"{experiment.experiment_id}\n{name}", numbers)
            strength[at] = -np.log(u) / share if share else np.inf
        drawn[:] = strength.argmin(axis=0) + 1
    drawn[held_out(experiment.experiment_id, numbers, experiment.holdout)] = 0
    return drawn


def assigned(
    experiment: Experiment,
    numbers: Sequence[int],
    now_us: int,
    *,
    groups: Mapping[int, str] | None = None,
    roots: Mapping[int, int] | None = None,
) -> list[ArmAssigned]:
    """The facts that put everybody into their arm, to be appended in the transaction of whoever acts on it.

    `numbers` are persons; of an experiment by groups they are groups and `groups` tells their outer ids; of one by trees they are
    persons and `roots` tells whose tree each is in (who is in none is a tree of their own). To append them again changes nothing:
    the first assignment stays.
    """
    units = [(roots or {}).get(number, number) for number in numbers] if experiment.unit == "tree" else list(numbers)
    drawn = arms(experiment, np.asarray(units, np.int64))
    found = []
    for number, arm in zip(numbers, drawn, strict=True):
        by_group = experiment.unit == "group"
        found.append(
            ArmAssigned(
                happened_us=now_us,
                source_id=f"{experiment.experiment_id}:{'g' if by_group else 'p'}{number}",
                experiment=experiment.experiment_id,
                arm=arm,
                person=None if by_group else numbered(number),
                group=(groups or {})[number] if by_group else None,
            )
        )
    return found


def begin(
    connection: Connection,
    corp_id: str,
    experiment: Experiment,
    now_us: int,
    *,
    window_days: int = USUAL_WINDOW_DAYS,
    name: str = "",
    kind: str = "",
) -> None:
    """Note what was meant, before anybody is drawn: results compare with it. What was noted first stays.

    `window_days`: so long after they were drawn, what people do counts.
    """
    row = dialect.insert(connection, experiments).values(
        corp_id=corp_id, experiment_id=experiment.experiment_id, kind=kind, name=name, unit=experiment.unit,
        arms=to_json([list(arm) for arm in experiment.arms]), holdout=experiment.holdout, window_days=window_days,
        began_us=now_us, ended_us=None,
    )  # fmt: skip
    connection.execute(row.on_conflict_do_nothing(index_elements=["corp_id", "experiment_id"]))


def end(connection: Connection, corp_id: str, experiment_id: str, now_us: int) -> None:
    """Nobody is drawn any more."""
    mine = (experiments.c.corp_id == corp_id) & (experiments.c.experiment_id == experiment_id)
    connection.execute(sa.update(experiments).where(mine, experiments.c.ended_us.is_(None)).values(ended_us=now_us))
