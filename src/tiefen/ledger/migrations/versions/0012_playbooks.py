"""Playbooks and the tasks of staff: what is to be done in which group, by whom, and what became of it."""

from alembic import op

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
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        table.create(connection, checkfirst=True)


def downgrade() -> None:
    for table in reversed(TABLES):
        table.drop(op.get_bind())
