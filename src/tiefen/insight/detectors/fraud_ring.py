"""刷单团伙 — made-up people who come together, do nothing and go."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tiefen.insight.detectors.detector import Detector, Found
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US

URGENT_DAYS = 30
"""A ring that came so lately may still be paid, and can still be stopped."""
_EPOCH_ORDINAL = 719_163


def of(made: Made, w: Window) -> Iterator[Found]:
    for row in made["rings"].to_pylist():
        hub = row["inviter"] or row["people"][row["ties"].index(max(row["ties"]))]
        evidence = tuple((reason["zh"], reason["en"]) for reason in json.loads(row["evidence"]))
        ago = w.end.toordinal() - _EPOCH_ORDINAL - row["began_us"] // DAY_US
        yield Found(hub, 3 if ago <= URGENT_DAYS else 2, row["size"], evidence)


DETECTOR = Detector(
    key="fraud_ring", zh="刷单团伙", en="Fraud ring", entity="person", of=of,
    todo_zh="在“裂变”页逐个核对名单；暂停发放这些人的奖励，活动统计里剔除，入口加上限和人工审核。不要自动封人。",
    todo_en="Check the list on the Referral page one by one; hold their rewards, leave them out of the campaign's numbers, cap and review the entrance. Ban nobody automatically.",
)  # fmt: skip
