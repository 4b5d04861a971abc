"""Whoever reacts to facts remembers how far they have come."""

from tiefen.ledger.migrations.tables import create, drop
from tiefen.ledger.schema import followers

revision = "0007"
down_revision = "0006"

TABLES = (followers,)


def upgrade() -> None:
    create(*TABLES)


def downgrade() -> None:
    drop(*TABLES)
