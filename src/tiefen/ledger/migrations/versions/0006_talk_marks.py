"""Operators say of a message which kind of talk it is, and not only whether it is an advert.

Older marks keep what they said; the column is empty where nobody said more.
"""

import sqlalchemy as sa
from alembic import op

from tiefen.ledger.migrations.tables import wait_for_locks_no_longer

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    wait_for_locks_no_longer()
    # A new store was given today's table by the first migration.
    if "talk" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("advert_marks")}:
        op.add_column("advert_marks", sa.Column("talk", sa.Text))


def downgrade() -> None:
    op.drop_column("advert_marks", "talk")
