"""What kind of group each is, as operators say."""

from tiefen.ledger.migrations.tables import create, drop
from tiefen.ledger.schema.group_kinds import group_kinds

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    create(group_kinds)


def downgrade() -> None:
    drop(group_kinds)
