"""Playbooks and the tasks of staff."""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.ledger.schema.base import Id, Json, metadata

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    sa.Column("say", Json),
    sa.Column("role", sa.Text, nullable=False, server_default=""),
    sa.Column("staff", sa.Text),
    sa.Column("person", sa.BigInteger),
    sa.Column("group", sa.BigInteger),
    sa.Column("campaign_id", sa.Text),
    sa.Column("step", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("moved_us", sa.BigInteger, nullable=False),
    sa.Index("tasks_by_staff", "corp_id", "staff", "state", "due_us"),
    sa.Index("tasks_by_state", "corp_id", "state", "due_us"),
    sa.Index("tasks_by_end", "corp_id", "state", "expires_us"),
    sa.Index("tasks_by_campaign", "corp_id", "campaign_id", "group"),
)
"""What a member of staff (`userid`; None: nobody yet) is to do. `state` is one of `TASK_STATES`, of which opened and late wait to be done;
`kind` is marketing, sales or service. `say` is the message to be said, where there is one. `version` goes up with each change."""

task_notes = sa.Table(
    "task_notes",
    metadata,
    sa.Column("note_id", Id, primary_key=True, autoincrement=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False, server_default=""),
    sa.Column("who", sa.Text, nullable=False, server_default=""),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Index("task_notes_by_task", "corp_id", "task_id", "note_id"),
    sqlite_autoincrement=True,
)
"""What became of a task, in order: `what` is note, done, skipped, handed, snoozed or late; `who` is empty where nobody did it."""

task_counts = sa.Table(
    "task_counts",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("staff", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, primary_key=True),
    sa.Column("times", sa.BigInteger, nullable=False),
)
"""How many tasks of a kind each member of staff (empty: nobody) has in which state: counts are kept, not counted on page load."""

playbook_runs = sa.Table(
    "playbook_runs",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("campaign_id", sa.Text, primary_key=True),
    sa.Column("group", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("anchor_us", sa.BigInteger, nullable=False),
    sa.Column("staff", Json, nullable=False, server_default="{}"),
    sa.Column("how", sa.Text, nullable=False, server_default="hand"),
    sa.Column("planned_through_us", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("began_us", sa.BigInteger, nullable=False),
    sa.Column("ended_us", sa.BigInteger),
    sa.Index("playbook_runs_by_plan", "corp_id", "state", "planned_through_us"),
    sa.Index("playbook_runs_by_group", "corp_id", "group"),
)
"""A playbook in a group. `state` is running, paused or ended; `anchor_us` begins its first day; `staff` says who is which persona; `how`
is hand or rule; what falls due before `planned_through_us` is in `playbook_openings`, as version `version` of the playbook has it."""

playbook_openings = sa.Table(
    "playbook_openings",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("campaign_id", sa.Text, primary_key=True),
    sa.Column("group", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("block", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("by_hand", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sa.Column("begins_us", sa.BigInteger, nullable=False),
    sa.Column("over_us", sa.BigInteger, nullable=False),
    sa.Column("ends_us", sa.BigInteger, nullable=False),
    sa.Column("opened_us", sa.BigInteger),
    sa.Column("moved_us", sa.BigInteger, nullable=False),
    sa.Index("playbook_openings_due", "corp_id", "state", "due_us"),
    sa.Index("playbook_openings_by_time", "corp_id", "campaign_id", "begins_us"),
    sa.Index("playbook_openings_by_group", "corp_id", "group", "begins_us"),
)
"""A block of a playbook in a group on a day of the corp's calendar (the one it was planned for, wherever it was moved to). `state` is
planned, open, late, done or skipped. It is opened at `due_us`, early enough to be prepared; the block itself is from `begins_us` to
`over_us`, and past `ends_us` there is no point in opening it. `by_hand`: moved or skipped by somebody, and not to be planned anew."""

playbook_records = sa.Table(
    "playbook_records",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("campaign_id", sa.Text, primary_key=True),
    sa.Column("block", sa.Text, primary_key=True),
    sa.Column("body", Json, nullable=False),
    sa.Column("measured_us", sa.BigInteger, nullable=False),
)
"""What a block of a playbook was measured to do, with intervals; `block` is its key in the playbook, or `kind:` and the kind of block for
all of that kind in the company (then `campaign_id` is empty)."""
