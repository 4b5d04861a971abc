"""The schema's history: it ends at the schema that the code speaks of, and can be gone back over to the first."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tiefen.kit.settings import Settings
from tiefen.ledger import store as stores
from tiefen.ledger.schema import metadata

pytestmark = [pytest.mark.stores, pytest.mark.bare]


def test_migrations_end_at_the_schema_of_the_code_and_can_be_taken_back_to_the_first(settings: Settings) -> None:
    engine = stores.open_store(settings)
    config = Config()
    config.set_main_option("script_location", str(stores._MIGRATIONS))

    def columns() -> dict[str, set[str]]:
        seen = sa.inspect(engine)
        return {name: {column["name"] for column in seen.get_columns(name)} for name in seen.get_table_names()}

    newest = columns()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    first = columns()
    stores.migrate(engine)

    assert newest == columns()
    assert {name: newest[name] for name in metadata.tables} == {
        name: set(table.columns.keys()) for name, table in metadata.tables.items()
    }
    assert "wecom_staff" not in first and "corps" in first
    engine.dispose()


def test_what_was_proposed_before_plain_words_were_known_of_stays(settings: Settings) -> None:
    engine = stores.open_store(settings)
    config = Config()
    config.set_main_option("script_location", str(stores._MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0013")
        before = {column["name"] for column in sa.inspect(connection).get_columns("proposals")}
        connection.execute(
            sa.text(
                "INSERT INTO proposals (corp_id, proposal_id, campaign_id, channel, purpose, content_id, state, due_us, expires_us, moved_us)"
                " VALUES ('a', 'p', 'c', 'contact', 'sell', 'x', 'proposed', 1, 2, 1)"
            )
        )

    stores.migrate(engine)

    with engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT proposal_id, plain_id FROM proposals")).all()
    indexes = {index["name"] for index in sa.inspect(engine).get_indexes("proposals")}
    assert "plain_id" not in before
    assert [tuple(row) for row in kept] == [("p", None)]
    assert {"proposals_by_plain", "proposals_waiting_for"} <= indexes
    engine.dispose()
