"""What was meant by an experiment, and what was measured."""

from alembic import op

from tiefen.ledger.schema.experiments import experiment_results, experiments, invariant_runs

revision = "0011"
down_revision = "0010"

TABLES = (experiments, experiment_results, invariant_runs)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        table.create(connection, checkfirst=True)


def downgrade() -> None:
    for table in reversed(TABLES):
        table.drop(op.get_bind())
