"""A chat log that names no group is of one group, called after the file."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import CORP
from tiefen.intake.files import importer
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page

CHAT = "时间,昵称,内容\n2026-03-01 10:00,黛玉,你好\n2026-03-01 10:01,悟空,好\n"


def test_the_file_name_is_the_group_where_no_column_names_one(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "海棠诗社.csv"
    file.write_text(CHAT, "utf-8")

    made = importer.create(ledger, CORP, file, "chat")
    preview = importer.preview(ledger, made)
    done = importer.run(ledger, made)

    assert preview.options["group_name"] == "海棠诗社"
    assert (done.accepted, done.rejected) == (2, 0)
    groups = {fact.body["group"] for fact in facts_page(ledger, CORP, kind="message.posted").rows}
    assert len(groups) == 1


def test_a_name_given_by_hand_counts_more_than_the_file_name(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "export (3).csv"
    file.write_text(CHAT, "utf-8")

    made = importer.create(ledger, CORP, file, "chat", {"options": {"group_name": "诗社"}})

    assert importer.preview(ledger, made).options["group_name"] == "诗社"
