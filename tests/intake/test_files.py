"""A file is looked at, imported, and imported again without effect."""

from __future__ import annotations

from pathlib import Path

from tiefen.intake.files import importer
from tiefen.ledger.ledger import Ledger

CHAT = (
    "时间,昵称,群名,内容\n2026-03-01 10:00,黛玉,诗社,你好吗\n2026-03-01 10:01,悟空,诗社,好\n不是时间,八戒,诗社,饿了\n"
)


def test_a_chinese_chat_log_is_understood_kept_and_the_same_file_changes_nothing(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "聊天.csv"
    path.write_bytes(CHAT.encode("gb18030"))

    results = [importer.run(ledger, importer.create(ledger, "honglou", path)) for _ in range(2)]

    assert importer.inspect(path).mapping["member_name"] == "昵称"
    assert [(r.accepted, r.duplicates, r.rejected) for r in results] == [(2, 0, 1), (0, 2, 1)]
