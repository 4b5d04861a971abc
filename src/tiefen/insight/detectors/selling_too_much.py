"""卖得太多 — most of what the brand says in a group is an offer."""

from __future__ import annotations

from collections.abc import Iterator

from tiefen.insight.detectors.detector import Detector, Found, count, ratio
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

LEAST_MESSAGES, SELLING_SHARE = 10, 0.5


def of(made: Made, w: Window) -> Iterator[Found]:
    for row in made["groups"].to_pylist():
        share, selling = ratio(row, "sell_give"), count(row, "sell_give")
        told = row["sell_give_whole"] or 0.0
        if share is None or told < LEAST_MESSAGES or share < SELLING_SHARE:
            continue
        evidence = (
            (f"近 {w.days} 天员工说了 {told:.0f} 条，其中 {selling:.0f} 条在卖（{share:.0%}）", f"staff said {told:.0f} things in {w.days} days, {selling:.0f} of them to sell ({share:.0%})"),
            (f"入群 {count(row, 'joined'):.0f}，退群 {count(row, 'left'):.0f}", f"{count(row, 'joined'):.0f} joined, {count(row, 'left'):.0f} left"),
        )  # fmt: skip
        yield Found(row["group"], 2 if share >= 0.75 else 1, count(row, "members"), evidence)


DETECTOR = Detector(
    key="selling_too_much", zh="卖得太多", en="Selling too much", entity="group", of=of,
    todo_zh="下周先给再卖：每发一条优惠，先回答三个问题或分享三件有用的事。",
    todo_en="Give before selling: for every offer, answer three questions or share three useful things first.",
)  # fmt: skip
