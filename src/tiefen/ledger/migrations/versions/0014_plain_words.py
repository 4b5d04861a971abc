"""Of words of their own it is known what the plain words would have been, so that nobody is told the same in both forms.

What was proposed before says nothing of it; it is compared by its very words, as it was.
"""

import sqlalchemy as sa
from alembic import op

from tiefen.ledger.migrations.tables import wait_for_locks_no_longer
from tiefen.ledger.schema.touches import proposals

revision = "0014"
down_revision = "0013"

INDEXES = ("proposals_by_plain", "proposals_waiting_for")


def upgrade() -> None:
    wait_for_locks_no_longer()
    # A new store was given today's table by the eighth migration.
    if "plain_id" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("proposals")}:
        op.add_column("proposals", sa.Column("plain_id", sa.Text))
    for index in proposals.indexes:
        if index.name in INDEXES:
            index.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "proposals")
    op.drop_column("proposals", "plain_id")
