"""What was meant by an experiment, and what was measured."""

from tiefen.ledger.migrations.tables import create, drop
from tiefen.ledger.schema.experiments import experiment_results, experiments, invariant_runs

revision = "0011"
down_revision = "0010"

TABLES = (experiments, experiment_results, invariant_runs)


def upgrade() -> None:
    create(*TABLES)


def downgrade() -> None:
    drop(*TABLES)
