"""What is known of WeCom's present state, what is to be asked of it next, how far a reading has come, and what goes wrong."""

from tiefen.ledger.migrations.tables import create, drop
from tiefen.ledger.schema import (
    wecom_contacts,
    wecom_departments,
    wecom_entrances,
    wecom_groups,
    wecom_link_contacts,
    wecom_members,
    wecom_numbers,
    wecom_pulls,
    wecom_staff,
    wecom_syncs,
    wecom_tags,
    wecom_troubles,
)

revision = "0005"
down_revision = "0004"
TABLES = (
    wecom_staff, wecom_departments, wecom_contacts, wecom_groups, wecom_members, wecom_tags, wecom_entrances,
    wecom_link_contacts, wecom_numbers, wecom_pulls, wecom_syncs, wecom_troubles,
)  # fmt: skip


def upgrade() -> None:
    create(*TABLES)


def downgrade() -> None:
    drop(*TABLES)
