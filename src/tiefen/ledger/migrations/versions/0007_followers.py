"""Whoever reacts to facts remembers how far they have come."""

from alembic import op

from tiefen.ledger.schema import followers

revision = "0007"
down_revision = "0006"

TABLES = (followers,)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        table.create(connection, checkfirst=True)


def downgrade() -> None:
    for table in reversed(TABLES):
        table.drop(op.get_bind())
