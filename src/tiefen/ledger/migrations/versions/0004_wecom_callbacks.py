"""Who is connected to WeCom, what it told, and how often."""

from tiefen.ledger.migrations.tables import create, drop
from tiefen.ledger.schema import wecom_corps, wecom_counts, wecom_events

revision = "0004"
down_revision = "0003"

TABLES = (wecom_corps, wecom_events, wecom_counts)


def upgrade() -> None:
    create(*TABLES)


def downgrade() -> None:
    drop(*TABLES)
