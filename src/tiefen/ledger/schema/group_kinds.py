"""What is known of groups beside the groups themselves."""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.ledger.schema.base import metadata

group_kinds = sa.Table(
    "group_kinds",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("group", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text),
    sqlite_with_rowid=False,
)
"""What kind an operator said last that a group is of, as the facts `group.kind_said` tell; None: the guess from its name counts again."""
