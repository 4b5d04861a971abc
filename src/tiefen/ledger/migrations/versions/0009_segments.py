"""Segments and whom they hold at present."""

from tiefen.ledger.migrations.tables import create, drop
from tiefen.ledger.schema.segments import (
    audience_members,
    audiences,
    profile_news,
    segment_due,
    segment_members,
    segment_places,
    segment_sizes,
    segments,
)

revision = "0009"
down_revision = "0008"

TABLES = (
    segments,
    segment_members,
    segment_due,
    segment_sizes,
    segment_places,
    profile_news,
    audiences,
    audience_members,
)


def upgrade() -> None:
    create(*TABLES)


def downgrade() -> None:
    drop(*TABLES)
