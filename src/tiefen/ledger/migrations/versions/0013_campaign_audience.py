"""Whom a campaign is for, frozen when it begins."""

from alembic import op

from tiefen.ledger.schema.broadcasts import campaign_audience

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '5s'")
    campaign_audience.create(connection, checkfirst=True)


def downgrade() -> None:
    campaign_audience.drop(op.get_bind())
