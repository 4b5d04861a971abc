"""A backup is one file with everything of one moment, and comes back whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tiefen.kit.settings import Settings
from tiefen.ledger.backup import BadBackup, NotEmpty, backup, restore
from tiefen.ledger.batch import Batch, Profile, Reject
from tiefen.ledger.facts import Id, MessagePosted
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page, words_page
from tiefen.ledger.schema import imports, people, rejects, stays

CORP = "honglou"


@pytest.fixture
def lived(ledger: Ledger) -> Ledger:
    """Some facts in the lake, some not yet."""
    for start in (0, 50):
        ledger.append(
            Batch(
                CORP, "key:x",
                [
                    MessagePosted(happened_us=n * 1_000_000, source_id=f"m{n}", group="g", member=Id("user_id", f"u{n % 7}"))
                    for n in range(start, start + 50)
                ],
                {n: f"第{start + n}句" for n in range(50)}, [Profile(Id("user_id", "u1"), "悟空")],
            )
        )  # fmt: skip
        if not start:
            ledger.flush()
    return ledger


@pytest.mark.stores
def test_what_comes_back_is_what_was_there(lived: Ledger, tmp_path: Path) -> None:
    written = backup(lived, tmp_path / "b.tar.gz")

    restore(tmp_path / "b.tar.gz", Settings(data=tmp_path / "again"))

    with Ledger.open(Settings(data=tmp_path / "again")) as again:
        assert written["facts"] == again.facts() == lived.facts() == 100
        group = facts_page(again, CORP, limit=1).rows[0].body["group"]
        assert facts_page(again, CORP, limit=100).rows == facts_page(lived, CORP, limit=100).rows
        assert words_page(again, CORP, group, limit=100).rows == words_page(lived, CORP, group, limit=100).rows
        for table in (people, stays):
            with again.read() as theirs, lived.read() as ours:
                assert sorted(map(str, theirs.execute(sa.select(table)))) == sorted(
                    map(str, ours.execute(sa.select(table)))
                )


def test_what_was_kept_before_is_still_a_duplicate_afterwards_and_the_flush_goes_on(
    lived: Ledger, tmp_path: Path
) -> None:
    backup(lived, tmp_path / "b.tar.gz")
    restore(tmp_path / "b.tar.gz", Settings(data=tmp_path / "again"))

    with Ledger.open(Settings(data=tmp_path / "again")) as again:
        same = MessagePosted(happened_us=0, source_id="m0", group="g", member=Id("user_id", "u0"))
        new = MessagePosted(happened_us=0, source_id="new", group="g", member=Id("user_id", "u0"))
        receipt = again.append(Batch(CORP, "key:x", [same, new]))

        assert (receipt.accepted, receipt.duplicates) == (1, 1)
        assert again.flush() == 51
        assert len(facts_page(again, CORP, limit=1000).rows) == 101


def test_nothing_is_restored_over_something(lived: Ledger, tmp_path: Path) -> None:
    backup(lived, tmp_path / "b.tar.gz")

    with pytest.raises(NotEmpty):
        restore(tmp_path / "b.tar.gz", lived.settings)


@pytest.mark.parametrize(
    "spoil", [lambda b: b[: len(b) // 2], lambda b: b"not a backup", lambda b: b[:-200] + b"x" * 200]
)
def test_a_damaged_backup_is_refused(lived: Ledger, tmp_path: Path, spoil: object) -> None:
    backup(lived, tmp_path / "b.tar.gz")
    whole = (tmp_path / "b.tar.gz").read_bytes()
    (tmp_path / "bad.tar.gz").write_bytes(spoil(whole))  # type: ignore[operator]

    with pytest.raises(BadBackup):
        restore(tmp_path / "bad.tar.gz", Settings(data=tmp_path / "again"))


@pytest.mark.stores
def test_a_backup_of_one_kind_of_store_comes_back_into_the_other_and_goes_on(
    settings: Settings, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    with Ledger.open(Settings(data=here)) as ledger:
        ledger.ensure_corp(CORP)
        upload = here / "uploads" / CORP / "i" / "f.csv"
        upload.parent.mkdir(parents=True)
        upload.write_text("x")
        row = {
            "import_id": "i", "corp_id": CORP, "file_name": "f", "path": str(upload), "uploaded": True, "digest": "",
            "format": "chat", "mapping": "{}", "state": "finished", "bytes_total": 0, "bytes_done": 0, "rows_done": 0,
            "accepted": 0, "duplicates": 0, "rejected": 0, "created_us": 0,
        }  # fmt: skip
        with ledger.write() as connection:
            connection.execute(sa.insert(imports).values(row))
        said = [
            MessagePosted(happened_us=n, source_id=f"m{n}", group="g", member=Id("user_id", f"u{n}")) for n in range(9)
        ]
        ledger.append(Batch(CORP, "key:x", said, rejects=[Reject(1, {"a": "b"}, "bad_date")]))
        backup(ledger, tmp_path / "b.tar.gz")

    restore(tmp_path / "b.tar.gz", settings)

    with Ledger.open(settings) as again:
        new = MessagePosted(happened_us=0, source_id="new", group="g", member=Id("user_id", "another"))
        again.append(Batch(CORP, "key:x", [new], rejects=[Reject(2, {"a": "c"}, "bad_date")]))
        assert again.snapshot(CORP).rows["stay"].num_rows == 10
        with again.read() as connection:
            path = connection.scalars(sa.select(imports.c.path)).one()
            assert len(connection.scalars(sa.select(rejects.c.reject_id)).all()) == 2
        assert Path(path).read_text() == "x"
        assert Path(path).is_relative_to(settings.data.absolute())
