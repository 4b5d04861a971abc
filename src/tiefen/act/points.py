"""Points (积分): what somebody has, and where a brand's own system of points is told of what they are given."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from tiefen.insight.engine import opened
from tiefen.kit.settings import Settings
from tiefen.ledger import corps
from tiefen.ledger.facts import PointsGiven
from tiefen.ledger.ledger import Ledger

HOOK = "points_hook"
"""What the company's settings call the address of its own system of points."""


def hook(connection: Connection, corp_id: str) -> str | None:
    """Where to tell of points that are given; None where nobody is to be told."""
    return corps.get(connection, corp_id).settings.get(HOOK) or None


def held(ledger: Ledger, settings: Settings, corp_id: str, persons: Sequence[int]) -> dict[int, int]:
    """How many points each has, of those who were ever given some: the sum of the facts, also of whoever was merged with them."""
    if not persons or not ledger.facts(corp_id, PointsGiven.kind):
        return {}
    with opened(ledger.snapshot(corp_id), settings) as tables:
        given = tables["points_given"]
        sums = given.filter(given.person.isin(list(persons))).group_by("person").agg(points=given.points.sum())
        rows = tables.arrow(sums).to_pylist()
    return {row["person"]: int(row["points"]) for row in rows}
