"""Operators say of a message which kind of talk it is, and not only whether it is an advert.

Older marks keep what they said; the column is empty where nobody said more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '5s'")
    # A new store was given today's table by the first migration.
    if "talk" not in {column["name"] for column in sa.inspect(connection).get_columns("advert_marks")}:
        op.add_column("advert_marks", sa.Column("talk", sa.Text))


def downgrade() -> None:
    op.drop_column("advert_marks", "talk")
