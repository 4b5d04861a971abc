"""Who is connected to WeCom, what it told, and how often."""

from alembic import op

from tiefen.ledger.schema import wecom_corps, wecom_counts, wecom_events

revision = "0004"
down_revision = "0003"

_TABLES = (wecom_corps, wecom_events, wecom_counts)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '5s'")
    for table in _TABLES:
        table.create(connection)


def downgrade() -> None:
    for table in reversed(_TABLES):
        table.drop(op.get_bind())
