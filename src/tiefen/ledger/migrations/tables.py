"""What every migration does first, and all that one does which only adds tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def wait_for_locks_no_longer() -> None:
    """Fail after five seconds rather than hold up whoever works meanwhile."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '5s'")


def create(*tables: sa.Table) -> None:
    """Make the tables, those that are not there yet: stores from before the first migration kept to its own may have some."""
    wait_for_locks_no_longer()
    for table in tables:
        table.create(op.get_bind(), checkfirst=True)


def drop(*tables: sa.Table) -> None:
    for table in reversed(tables):
        table.drop(op.get_bind())
