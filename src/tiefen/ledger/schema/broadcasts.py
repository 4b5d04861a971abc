"""Whom a campaign is for, frozen when it begins, so that what happens meanwhile moves nobody in or out."""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.ledger.schema.base import metadata

campaign_audience = sa.Table(
    "campaign_audience",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("campaign_id", sa.Text, primary_key=True),
    sa.Column("unit", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""`unit` is a person's number, or a group's where the campaign is for groups; `due_us` when it is to be said to them."""
