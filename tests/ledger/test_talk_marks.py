"""Marks of a store from before operators could say more of a message than that it is an advert."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tiefen.kit.settings import Settings
from tiefen.ledger import backup as backups
from tiefen.ledger import store as stores
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import advert_marks

CORP = "honglou"


@pytest.mark.stores
@pytest.mark.bare
def test_they_keep_what_they_said_and_newer_ones_say_more(settings: Settings) -> None:
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(settings.store_url)
    config = Config()
    config.set_main_option("script_location", str(stores._MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        connection.execute(sa.text("ALTER TABLE advert_marks DROP COLUMN talk"))
        old = sa.text(
            "INSERT INTO advert_marks (corp_id, message, advert, marked_us) VALUES ('honglou', 'm1', true, 1)"
        )
        connection.execute(old)
    engine.dispose()

    with Ledger.open(settings) as ledger:
        ledger.ensure_corp(CORP)
        _mark(ledger, "m2", "praise")
        marks = ledger.snapshot(CORP).rows["advert_mark"].sort_by("message").to_pylist()

    assert marks == [
        {"message": "m1", "advert": True, "talk": None},
        {"message": "m2", "advert": False, "talk": "praise"},
    ]


def test_a_backup_of_that_time_comes_back(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.ensure_corp(CORP)
    _mark(ledger, "m1", None)
    write = backups._rows_to_parquet

    def without_the_column(connection: sa.Connection, table: sa.Table, path: Path) -> None:
        write(connection, table, path)
        rows = pq.read_table(path)
        if "talk" in rows.column_names:
            pq.write_table(rows.drop_columns(["talk"]), path)

    monkeypatch.setattr(backups, "_rows_to_parquet", without_the_column)
    backups.backup(ledger, tmp_path / "old.tar.gz")

    backups.restore(tmp_path / "old.tar.gz", Settings(data=tmp_path / "again"))

    with Ledger.open(Settings(data=tmp_path / "again")) as again:
        assert again.snapshot(CORP).rows["advert_mark"].to_pylist() == [
            {"message": "m1", "advert": False, "talk": None}
        ]


def _mark(ledger: Ledger, message: str, talk: str | None) -> None:
    row = {"corp_id": CORP, "message": message, "advert": False, "talk": talk, "account_id": None, "marked_us": 1}
    with ledger.write() as connection:
        connection.execute(sa.insert(advert_marks).values(row))
