"""Journeys: their versions, and where in them people are.

Journeys themselves are rows of `campaigns`. People are numbers of then; after a merge the engine moves what is theirs.
"""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.ledger.schema.base import Id, Json, metadata

journey_versions = sa.Table(
    "journey_versions",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("journey_id", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("moved", Json, nullable=False, server_default="{}"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("by", sa.Text, nullable=False, server_default=""),
    sa.Column("published_us", sa.BigInteger, nullable=False),
)
"""What was published, for ever. `moved`: for steps that went with this version, where whoever waited there went (null: they left)."""

journey_entries = sa.Table(
    "journey_entries",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("journey_id", sa.Text, primary_key=True),
    sa.Column("person", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entity", sa.Text, nullable=False, server_default=""),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("arm", sa.Text, nullable=False),
    sa.Column("trigger", sa.BigInteger, nullable=False),
    sa.Column("entered_us", sa.BigInteger, nullable=False),
    sa.Column("left_us", sa.BigInteger),
    sa.Column("how", sa.Text),
    sa.Column("goal_us", sa.BigInteger),
    sa.Index("journey_entries_by_person", "corp_id", "person"),
    sqlite_with_rowid=False,
)
"""Every time somebody entered; `arm` is journey or holdout (nothing happens to those, and their goals are counted too). `entity` is
what they entered for (an order), `trigger` which of the triggers, -1 by hand. `how` they left: end, left, goal, trigger_gone, limit,
version_gone, merged, erased."""

journey_positions = sa.Table(
    "journey_positions",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("journey_id", sa.Text, primary_key=True),
    sa.Column("person", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("since_us", sa.BigInteger, nullable=False),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sa.Column("lap", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("turns", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("journey_positions_due", "corp_id", "journey_id", "due_us"),
    sa.Index("journey_positions_by_person", "corp_id", "person"),
    sqlite_with_rowid=False,
)
"""Who is inside at present and at which step; `due_us` is when to look at them again (looking early is harmless), `lap` how
often they jumped back, `turns` how often in the loop they are in. What a step does is named after (journey, person, entry, step, lap), so it is done once."""

journey_counts = sa.Table(
    "journey_counts",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("journey_id", sa.Text, primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("times", sa.BigInteger, nullable=False),
)
"""Counts are kept, not counted on page load. Of a step: `in`, `way:W`, `left:HOW`, `not_said:REASON`, `dwell_s` (a sum); of the journey
(step ''): `entered:ARM`, `goal:ARM`, `day:DATE`, `turned_away:REASON`, `left:HOW`."""

journey_moves = sa.Table(
    "journey_moves",
    metadata,
    sa.Column("move_id", Id, primary_key=True, autoincrement=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("journey_id", sa.Text, nullable=False),
    sa.Column("person", sa.BigInteger, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("way", sa.Text, nullable=False),
    sa.Index("journey_moves_by_person", "corp_id", "person", "journey_id"),
    sa.Index("journey_moves_by_time", "corp_id", "at_us"),
    sqlite_autoincrement=True,
)
"""Which way somebody took out of which step: a person's path. Kept for as long as `journeys.engine.PATHS_US`."""

journey_schedules = sa.Table(
    "journey_schedules",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("journey_id", sa.Text, primary_key=True),
    sa.Column("trigger", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("due_us", sa.BigInteger, nullable=False),
)
"""When a trigger that goes by the clock looks next."""

journey_orders = sa.Table(
    "journey_orders",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("journey_id", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("person", sa.BigInteger, nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tries", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("reason", sa.Text),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Index("journey_orders_due", "corp_id", "kind", "state", "due_us"),
    sa.Index("journey_orders_by_person", "corp_id", "person"),
)
"""What a journey wants done outside, beside messages: `kind` is tag (at WeCom), webhook, points (at the brand's own system) or task; `state` waiting, done or failed."""
