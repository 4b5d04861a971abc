"""What WeCom was asked to do, for whom, and when to look what became of it; and the files it holds for three days.

Stores that were made before the first migration kept to its own tables may have these already.
"""

from alembic import op

from tiefen.ledger.schema import channel_recipients, channel_tasks, media_cache

revision = "0003"
down_revision = "0001"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '5s'")
    for table in (channel_tasks, channel_recipients, media_cache):
        table.create(connection, checkfirst=True)


def downgrade() -> None:
    for table in (media_cache, channel_recipients, channel_tasks):
        table.drop(op.get_bind())
