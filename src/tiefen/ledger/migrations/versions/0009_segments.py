"""Segments and whom they hold at present."""

from alembic import op

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
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        table.create(connection, checkfirst=True)


def downgrade() -> None:
    for table in reversed(TABLES):
        table.drop(op.get_bind())
