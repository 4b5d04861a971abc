"""What WeCom was asked to do, for whom, and when to look what became of it; and the files it holds for three days.

Stores that were made before the first migration kept to its own tables may have these already.
"""

from tiefen.ledger.migrations.tables import create, drop
from tiefen.ledger.schema import channel_recipients, channel_tasks, media_cache

revision = "0003"
down_revision = "0001"


def upgrade() -> None:
    create(channel_tasks, channel_recipients, media_cache)


def downgrade() -> None:
    drop(channel_tasks, channel_recipients, media_cache)
