"""Journeys and where in them people are."""

from alembic import op

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
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        table.create(connection, checkfirst=True)


def downgrade() -> None:
    for table in reversed(TABLES):
        table.drop(op.get_bind())
