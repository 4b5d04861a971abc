"""The ledger: facts that stay, and everything beside them.

Facts are append-only. The triggers are there for the day someone opens a database shell in a hurry: an UPDATE is always
refused, a DELETE unless the fact is in the lake already or an erasure has left its permit in the same transaction.
"""

import sqlalchemy as sa
from alembic import op

from tiefen.ledger.schema import metadata

revision = "0001"
down_revision = None

_TABLES = (
    "corps", "counters", "facts", "fact_keys", "fact_counts", "words", "lake_state", "permits", "people", "handles",
    "groups", "stays", "marks", "sources", "write_keys", "imports", "mappings", "rejects", "accounts", "sessions",
    "login_links", "api_tokens", "advert_marks", "receipts", "audit",
)  # fmt: skip
"""Those there were at the beginning; later ones come with their own migrations."""
_SQLITE = (
    """
    CREATE TRIGGER facts_stay_as_they_are BEFORE UPDATE ON facts
    BEGIN SELECT RAISE(ABORT, 'facts are never changed'); END
    """,
    """
    CREATE TRIGGER facts_stay BEFORE DELETE ON facts
    WHEN old.seq > (SELECT flushed_through FROM lake_state WHERE id = 1) AND NOT EXISTS (SELECT 1 FROM permits)
    BEGIN SELECT RAISE(ABORT, 'facts are never deleted'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION facts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            RAISE EXCEPTION 'facts are never changed';
        END IF;
        IF old.seq > (SELECT flushed_through FROM lake_state WHERE id = 1) AND NOT EXISTS (SELECT 1 FROM permits) THEN
            RAISE EXCEPTION 'facts are never deleted';
        END IF;
        RETURN old;
    END $$
    """,
    "CREATE TRIGGER facts_stay BEFORE UPDATE OR DELETE ON facts FOR EACH ROW EXECUTE FUNCTION facts_stay()",
)


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection, tables=[metadata.tables[name] for name in _TABLES])
    for name in ("fact", "handle", "group", "source", "merge"):
        connection.execute(sa.text("INSERT INTO counters (name, used) VALUES (:name, 0)"), {"name": name})
    connection.execute(
        sa.text("INSERT INTO lake_state (id, flushed_through, versions, flushed_us) VALUES (1, 0, '{}', 0)")
    )
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.execute(sa.text(statement))


def downgrade() -> None:
    raise RuntimeError("there is nothing before the ledger")
