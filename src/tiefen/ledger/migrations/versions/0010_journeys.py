"""Journeys and where in them people are."""

from tiefen.ledger.migrations.tables import create, drop
from tiefen.ledger.schema.journeys import (
    journey_counts,
    journey_entries,
    journey_moves,
    journey_orders,
    journey_positions,
    journey_schedules,
    journey_versions,
)

revision = "0010"
down_revision = "0009"

TABLES = (
    journey_versions,
    journey_entries,
    journey_positions,
    journey_counts,
    journey_moves,
    journey_schedules,
    journey_orders,
)


def upgrade() -> None:
    create(*TABLES)


def downgrade() -> None:
    drop(*TABLES)
