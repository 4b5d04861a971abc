"""Playbooks and the tasks of staff: what is to be done in which group, by whom, and what became of it."""

from tiefen.ledger.migrations.tables import create, drop
from tiefen.ledger.schema.playbooks import (
    playbook_openings,
    playbook_records,
    playbook_runs,
    task_counts,
    task_notes,
    tasks,
)

revision = "0012"
down_revision = "0011"

TABLES = (tasks, task_notes, task_counts, playbook_runs, playbook_openings, playbook_records)


def upgrade() -> None:
    create(*TABLES)


def downgrade() -> None:
    drop(*TABLES)
