"""垂死的群 — a group that lost most of its talk and can still be saved: it is declining, not yet dormant."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tiefen.insight.detectors.detector import Detector, Found, count
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

LEAST_WEEKLY = 10
"""Messages a week in its better days, below which a silence says little."""


def of(made: Made, w: Window) -> Iterator[Found]:
    for row in made["groups"].to_pylist():
        weeks = row["weeks"]
        recent, best = sum(weeks[-4:]), max(sum(weeks[i : i + 4]) for i in range(len(weeks) - 3))
        if row["stage"] != "decline" or row["grade"] != "B" or best < 4 * LEAST_WEEKLY:
            continue
        lost = 1 - recent / best
        if lost < 0.5:
            continue
        evidence = tuple((reason["zh"], reason["en"]) for reason in json.loads(row["stage_evidence"]))
        yield Found(row["group"], 3 if lost >= 0.8 else 2, count(row, "members"), evidence)


DETECTOR = Detector(
    key="dying_group", zh="垂死的群", en="Dying group", entity="group", of=of,
    todo_zh="先找回还在的意见领袖聊一聊，定一个固定话题日；两周后仍无起色就并群或解散。",
    todo_en="Talk to the opinion leaders who are still there and set a fixed topic day; merge or close the group if two weeks change nothing.",
)  # fmt: skip
