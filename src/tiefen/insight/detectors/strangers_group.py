"""陌生人的群 — many speak, hardly anybody with anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tiefen.insight.detectors.detector import Detector, Found, count, ratio
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

LEAST_SPEAKERS, LEAST_MESSAGES = 15, 60
TIES = 1.0
"""Fewer acquaintances among the other speakers than this, on average, is next to none; unlike the share of strangers it does
not grow with the group."""
LOWEST = 0.1
"""And fewer than nine groups in ten have."""


def of(made: Made, w: Window) -> Iterator[Found]:
    rows = [row for row in made["groups"].to_pylist() if _judged(row)]
    ties = sorted(_ties(row) for row in rows)
    if not ties:
        return
    bound = min(TIES, ties[int(LOWEST * len(ties))])
    for row in rows:
        mean, strangers, speakers = _ties(row), ratio(row, "strangers") or 0.0, count(row, "active_30d")
        if mean > bound:
            continue
        evidence = (
            (f"{speakers:.0f} 位发言者两两之间 {strangers:.1%} 从未互动", f"of all pairs of {speakers:.0f} speakers {strangers:.1%} never met"),
            (f"平均每人只认识其中 {mean:.1f} 人", f"each knows {mean:.1f} of the others on average"),
        )  # fmt: skip
        yield Found(row["group"], 1, count(row, "members"), evidence)


def _judged(row: dict[str, Any]) -> bool:
    talk = count(row, "active_30d") >= LEAST_SPEAKERS and count(row, "messages") >= LEAST_MESSAGES
    return talk and bool(row["strangers_whole"])


def _ties(row: dict[str, Any]) -> float:
    known = row["strangers_whole"] - row["strangers_part"]
    return float(2 * known / row["active_30d_part"])


DETECTOR = Detector(
    key="strangers_group", zh="陌生人的群", en="Strangers’ group", entity="group", of=of,
    todo_zh="办一次自我介绍接龙或小组活动，让人认识人，而不只是认识品牌。",
    todo_en="Hold a round of introductions or small-group activity, so that people meet people and not the brand alone.",
)  # fmt: skip
