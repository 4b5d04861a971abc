"""What experiments there are: those that were noted when they began, and journeys, which hold out whoever comes into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.decide.experiments import HOLDOUT, USUAL_HOLDOUT, USUAL_WINDOW_DAYS, Experiment, UnsoundExperiment
from tiefen.kit.errors import TiefenError
from tiefen.ledger.schema.experiments import experiments
from tiefen.ledger.schema.journeys import journey_versions
from tiefen.ledger.schema.touches import campaigns
from tiefen.outcome.results import Design

OVER = ("ended", "done", "cancelled", "archived", "stopped")
"""States of a campaign that is over."""
ONGOING = ("journey", HOLDOUT)
"""Kinds that people keep coming into."""


@dataclass(eq=False)
class ExperimentNotFound(TiefenError):
    """Nobody was drawn under this name."""

    status: ClassVar[int] = 404
    says: ClassVar[str] = "There is no experiment {experiment_id}."

    experiment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An experiment, with what the console calls it."""

    design: Design
    name: str
    kind: str
    """broadcast, launch, journey, playbook, or holdout: that of all."""
    state: str
    """Of its campaign; running or ended where it has none."""
    ended_us: int | None

    @property
    def running(self) -> bool:
        return self.ended_us is None and self.state not in OVER


def listed(connection: Connection, corp_id: str) -> list[Listed]:
    """Every experiment of a company, the newest first."""
    of_campaigns = {
        row.campaign_id: row for row in connection.execute(sa.select(campaigns).where(campaigns.c.corp_id == corp_id))
    }
    published = _journeys(connection, corp_id)
    found = {}
    for row in connection.execute(sa.select(experiments).where(experiments.c.corp_id == corp_id)):
        campaign = of_campaigns.get(row.experiment_id)
        kind = row.kind or (campaign.kind if campaign else "")
        found[row.experiment_id] = Listed(
            design=Design(
                experiment_id=row.experiment_id, unit=row.unit, window_days=row.window_days, began_us=row.began_us,
                shares=_shares(row), ongoing=kind in ONGOING,
            ),
            name=row.name or (campaign.name if campaign else row.experiment_id), kind=kind,
            state=campaign.state if campaign else ("ended" if row.ended_us else "running"), ended_us=row.ended_us,
        )  # fmt: skip
    for campaign_id, row in of_campaigns.items():
        if row.kind == "journey" and campaign_id in published and campaign_id not in found:
            found[campaign_id] = _journey(row, published[campaign_id])
    return sorted(found.values(), key=lambda one: (-one.design.began_us, one.design.experiment_id))


def design_of(connection: Connection, corp_id: str, experiment_id: str) -> Listed:
    """One experiment by its id."""
    for one in listed(connection, corp_id):
        if one.design.experiment_id == experiment_id:
            return one
    raise ExperimentNotFound(experiment_id)


def _shares(row: Any) -> dict[str, float]:
    arms = tuple((name, share) for name, share in msgspec.json.decode(row.arms))
    try:
        return Experiment(experiment_id=row.experiment_id, arms=arms, holdout=row.holdout, unit=row.unit).shares
    except UnsoundExperiment:
        return {}


def _journeys(connection: Connection, corp_id: str) -> dict[str, list[dict[str, Any]]]:
    """Every published version of every journey, as far as it says what is held out and what it is for."""
    columns = journey_versions.c.journey_id, journey_versions.c.body
    asked = sa.select(*columns).where(journey_versions.c.corp_id == corp_id).order_by(journey_versions.c.version)
    found: dict[str, list[dict[str, Any]]] = {}
    for journey_id, body in connection.execute(asked):
        found.setdefault(journey_id, []).append(msgspec.json.decode(body))
    return found


def _journey(row: Any, versions: list[dict[str, Any]]) -> Listed:
    """Whoever comes in is drawn by the version of then; where versions hold out different shares, none was meant of all."""
    meant = {version.get("holdout", USUAL_HOLDOUT) for version in versions}
    share = meant.pop() if len(meant) == 1 else 0
    days = ((versions[-1].get("goal") or {}) if versions else {}).get("days", USUAL_WINDOW_DAYS)
    return Listed(
        design=Design(
            experiment_id=row.campaign_id, unit="person", window_days=days, began_us=row.begins_us or row.created_us,
            shares={"journey": 1 - share, HOLDOUT: share} if share else {}, ongoing=True,
        ),
        name=row.name, kind="journey", state=row.state, ended_us=row.ends_us if row.state in OVER else None,
    )  # fmt: skip
