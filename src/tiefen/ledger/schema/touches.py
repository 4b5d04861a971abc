"""What is to be said to whom: campaigns, contents, proposals on their way through the gate to their end."""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.ledger.schema.base import Json, metadata

campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("campaign_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("changed_us", sa.BigInteger, nullable=False),
    sa.Column("begins_us", sa.BigInteger),
    sa.Column("ends_us", sa.BigInteger),
    sa.Index("campaigns_by_state", "corp_id", "kind", "state"),
)
"""Everything that sends: `kind` is broadcast, launch, journey or playbook; `purpose` sell, give, care or service. `version` goes up
with each change, so that of two who edit one at a time is told."""

contents = sa.Table(
    "contents",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("content_id", sa.Text, primary_key=True),
    sa.Column("body", Json, nullable=False),
)
"""Messages as they go out (text and attachments), by a digest of what they say."""

proposals = sa.Table(
    "proposals",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("proposal_id", sa.Text, primary_key=True),
    sa.Column("campaign_id", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False, server_default=""),
    sa.Column("person", sa.BigInteger),
    sa.Column("group", sa.BigInteger),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("content_id", sa.Text, nullable=False),
    sa.Column("plain_id", sa.Text),
    sa.Column("arm", sa.Text, nullable=False, server_default=""),
    sa.Column("sender", sa.Text),
    sa.Column("worth_fen", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=False),
    sa.Column("moved_us", sa.BigInteger, nullable=False),
    sa.Column("task_id", sa.Text),
    sa.Column("admitted_us", sa.BigInteger),
    sa.Index("proposals_due", "corp_id", "state", "due_us"),
    sa.Index("proposals_by_person", "corp_id", "person", "moved_us"),
    sa.Index("proposals_by_group", "corp_id", "group", "moved_us"),
    sa.Index("proposals_by_campaign", "corp_id", "campaign_id", "state"),
    sa.Index("proposals_by_content", "corp_id", "content_id", "admitted_us"),
    sa.Index("proposals_by_admission", "corp_id", "admitted_us"),
    sa.Index(
        "proposals_by_plain",
        "corp_id",
        "plain_id",
        "admitted_us",
        sqlite_where=sa.text("plain_id IS NOT NULL"),
        postgresql_where=sa.text("plain_id IS NOT NULL"),
    ),
    sa.Index(
        "proposals_waiting_for",
        "corp_id",
        "sender",
        "campaign_id",
        "content_id",
        sqlite_where=sa.text("state = 'proposed' AND sender IS NOT NULL"),
        postgresql_where=sa.text("state = 'proposed' AND sender IS NOT NULL"),
    ),
)
"""The outbox. `state` is one of `TOUCH_STATES`, of which proposed waits for the gate and admitted for the channel; `due_us` moves on where
the gate postpones, and `reason` then says why. `channel` is contact (a message task to somebody) or group. `task_id` is the channel's.
`plain_id` is set where somebody is told words of their own: the content of the plain ones in their place.
From `admitted_us` on it counts against quotas and budgets, unless it failed; from then on `sender` is whoever the gate chose."""

campaign_counts = sa.Table(
    "campaign_counts",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("campaign_id", sa.Text, primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, primary_key=True),
    sa.Column("times", sa.BigInteger, nullable=False),
)
"""How many proposals of a campaign are in which state and why: counts are kept, not counted on page load."""

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("handle", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("purpose", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("given", sa.Boolean, nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Index("consents_by_handle", "handle"),
)
"""What people agreed to or took back last, by the handle it was told of, so that merging and splitting people moves it with them."""

attention = sa.Table(
    "attention",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("person", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("budget", sa.Float, nullable=False),
    sa.Column("weariness_fen", sa.BigInteger, nullable=False),
    sa.Column("why", Json, nullable=False),
    sa.Column("changed_us", sa.BigInteger, nullable=False),
)
"""How many messages a week somebody gets over all channels, and what one more costs, learned from what messages did. Whoever has no row
is not known yet. `why` is a `decide.attention` reckoning."""

attention_events = sa.Table(
    "attention_events",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("handle", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at_us", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Index("attention_events_by_time", "corp_id", "what", "at_us"),
    sa.Index("attention_events_by_handle", "handle"),
)
"""Messages that reached somebody and what they did afterwards, of the last 90 days: what budgets are learned from."""

attention_rates = sa.Table(
    "attention_rates",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("reckoned_us", sa.BigInteger, nullable=False),
    sa.Column("body", Json, nullable=False),
)
"""How often people of a corp leave after a message and without one, by how many they ignored before."""
