"""漏水的群 — people come and soon leave again."""

from __future__ import annotations

from collections.abc import Iterator

from tiefen.insight.detectors.detector import Detector, Found, count, ratio
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

LEAST_JOINS = 10
RETAINED, LEFT = 0.7, 0.5
"""Fewer than this share are still there after a week, and leaves reach this share of joins."""


def of(made: Made, w: Window) -> Iterator[Found]:
    for row in made["groups"].to_pylist():
        kept, joined, left = ratio(row, "newcomer_retention_7d"), count(row, "joined"), count(row, "left")
        judged = row["newcomer_retention_7d_whole"] or 0
        if kept is None or judged < LEAST_JOINS or kept >= RETAINED or left < LEFT * joined or left < LEAST_JOINS / 2:
            continue
        evidence = (
            (f"近 90 天入群且满 7 天的 {judged:.0f} 人次中，7 天后仍在 {kept:.0%}", f"of {judged:.0f} who joined in 90 days, {kept:.0%} were still here after 7"),
            (f"近 {w.days} 天入群 {joined:.0f}，退群 {left:.0f}", f"{joined:.0f} joined and {left:.0f} left in {w.days} days"),
        )  # fmt: skip
        yield Found(row["group"], 3 if kept < 0.4 else 2, left, evidence)


DETECTOR = Detector(
    key="leaky_group", zh="漏水的群", en="Leaky group", entity="group", of=of,
    todo_zh="看看新人从哪个渠道来、入群后 24 小时看到了什么；改欢迎语，首日有人回应，停掉不合适的渠道。",
    todo_en="Look at which source newcomers come from and what they meet on the first day; change the welcome, have somebody answer them, stop sources that do not fit.",
)  # fmt: skip
