"""What is to be said to whom, on its way through the gate to its end."""

from tiefen.ledger.migrations.tables import create, drop
from tiefen.ledger.schema.touches import (
    attention,
    attention_events,
    attention_rates,
    campaign_counts,
    campaigns,
    consents,
    contents,
    proposals,
)

revision = "0008"
down_revision = "0007"

TABLES = (
    attention,
    attention_events,
    attention_rates,
    campaign_counts,
    campaigns,
    consents,
    contents,
    proposals,
)


def upgrade() -> None:
    create(*TABLES)


def downgrade() -> None:
    drop(*TABLES)
