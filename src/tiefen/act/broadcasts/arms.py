"""The experiment that every broadcast is: variants, and a part of the audience that is held out."""

from __future__ import annotations

from tiefen.act.broadcasts.plan import Plan
from tiefen.decide.experiments import HOLDOUT, Experiment

__all__ = ["HOLDOUT", "experiment_of"]


def experiment_of(campaign_id: str, plan: Plan) -> Experiment:
    """Groups are drawn whole, since in a group everybody sees what is said."""
    whole = sum(part for _, part in plan.arms) or 1
    return Experiment(
        experiment_id=campaign_id, arms=tuple((name, part / whole) for name, part in plan.arms), holdout=plan.holdout,
        unit="group" if plan.channel == "group" else "person",
    )  # fmt: skip
