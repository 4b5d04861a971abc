"""Whom a campaign is for, frozen when it begins."""

from tiefen.ledger.migrations.tables import create, drop
from tiefen.ledger.schema.broadcasts import campaign_audience

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    create(campaign_audience)


def downgrade() -> None:
    drop(campaign_audience)
