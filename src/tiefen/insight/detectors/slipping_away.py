"""正在流失的顾客 — a good buyer is silent for longer than is usual for this very person."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from tiefen.insight.detectors.detector import Detector, Found
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

MOST = 30
"""So many at a time are told of, those who paid most first: the list of people has them all."""
DEAR = 3
"""Worth so many usual buyers is urgent."""


def of(made: Made, w: Window) -> Iterator[Found]:
    people = made["person_forecasts"]
    paid = people.filter(pc.greater(people["paid_365d_fen"], 0))
    slipping = paid.filter(pc.fill_null(paid["slipping"], False))
    if not slipping.num_rows:
        return
    usual = float(np.median(paid["paid_365d_fen"].to_numpy()))
    order = [("paid_365d_fen", "descending"), ("person", "ascending")]
    for row in slipping.sort_by(order).slice(0, MOST).to_pylist():
        own, gap, after = row["usual_gap_days"], row["gap_days"], row["slips_after_days"]
        yuan, worth = row["paid_365d_fen"] / 100, row["paid_365d_fen"] / usual
        evidence = [
            (
                f"平时约 {own:.0f} 天买一次，这次已 {gap} 天没买",
                f"usually buys every {own:.0f} days, has not for {gap}",
            ),
            (
                f"对其本人来说，超过 {after:.0f} 天就不寻常（20 次里不到 1 次）",
                f"beyond {after:.0f} days it is unusual for this person (less than 1 in 20 such waits)",
            ),
            (
                f"过去一年付了 {yuan:,.0f}，是一般买家的 {worth:.1f} 倍",
                f"paid {yuan:,.0f} in the last year, {worth:.1f} times a usual buyer",
            ),
        ]
        if row["active_chance"] is not None:
            chance = f"{row['active_chance']:.0%}"
            evidence.append((f"仍在购买的概率 {chance}", f"chance of still buying {chance}"))
        yield Found(row["person"], 2 if worth >= DEAR else 1, worth, tuple(evidence))


DETECTOR = Detector(
    key="slipping_away", zh="正在流失的好买家", en="Good buyer slipping away", entity="person", of=of,
    todo_zh="由最熟的员工问一句用得怎么样、是不是有什么不满意，先解决问题，再谈买。",
    todo_en="Have the staff they know best ask how it went and whether anything is wrong; put that right before selling.",
)  # fmt: skip
