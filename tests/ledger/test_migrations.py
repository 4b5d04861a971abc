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
