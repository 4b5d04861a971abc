"""Segments and audiences: rules, and whom they hold at present."""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.ledger.schema.base import Id, Json, metadata

segments = sa.Table(
    "segments",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("segment_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("rule", Json, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("reading", sa.Text, nullable=False, server_default=""),
    sa.Column("built_version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("built_us", sa.BigInteger),
    sa.Column("kept_us", sa.BigInteger),
    sa.Column("built_seconds", sa.Float),
    sa.Column("trouble", Json),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("changed_us", sa.BigInteger, nullable=False),
)
"""A rule under a name. `state` is active or archived. `version` goes up with each change, `built_version` is the one that the
members are of; `built_us` is the last time everybody was looked at, `kept_us` the last time anything was. `reading` is the one
whose numbers it was last asked with. `trouble` says in both languages why it could not be worked out."""

segment_members = sa.Table(
    "segment_members",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("segment_id", sa.Text, primary_key=True),
    sa.Column("person", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entered_us", sa.BigInteger, nullable=False),
    sa.Index("segment_members_by_person", "corp_id", "person"),
    sqlite_with_rowid=False,
)
"""Whom a segment holds at present; `entered_us` is when they were found to be in it."""

segment_due = sa.Table(
    "segment_due",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("segment_id", sa.Text, primary_key=True),
    sa.Column("person", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sa.Index("segment_due_by_time", "corp_id", "segment_id", "due_us"),
    sqlite_with_rowid=False,
)
"""When time alone may take somebody in or out: only what falls due before long, since everybody is looked at daily."""

segment_sizes = sa.Table(
    "segment_sizes",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("segment_id", sa.Text, primary_key=True),
    sa.Column("day_us", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How many a segment held at the end of each day (of UTC) that it was kept on."""

profile_news = sa.Table(
    "profile_news",
    metadata,
    sa.Column("news_id", Id, primary_key=True, autoincrement=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("person", sa.BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
"""Of whom something was learned or erased that is no fact: their attributes. Rows go once the segments have looked."""

segment_places = sa.Table(
    "segment_places",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("handle", sa.BigInteger, nullable=False),
)
"""The highest number of a handle that the segments have looked at: whoever came up since may be in any of them."""

audiences = sa.Table(
    "audiences",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("audience_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
)
"""A frozen list of people. `origin` is segment, upload or query; `body` says of what, and what was not found."""

audience_members = sa.Table(
    "audience_members",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("audience_id", sa.Text, primary_key=True),
    sa.Column("person", sa.BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Persons by their number of then; `handles` tells whom they have become."""
