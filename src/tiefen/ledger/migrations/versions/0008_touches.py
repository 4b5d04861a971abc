"""What is to be said to whom, on its way through the gate to its end."""

from alembic import op

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
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        table.create(connection, checkfirst=True)


def downgrade() -> None:
    for table in reversed(TABLES):
        table.drop(op.get_bind())
