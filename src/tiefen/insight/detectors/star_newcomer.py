"""新星 — somebody new whom many already answer."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.compute as pc

from tiefen.insight.detectors.detector import Detector, Found
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

LISTENERS, LEAST_MESSAGES = 5, 10
LEADING = 0.1
"""Among the first tenth of the group by PageRank."""


def of(made: Made, w: Window) -> Iterator[Found]:
    people = made["group_people"]
    speaking = people.filter(pc.greater(people["messages"], 0))
    new = speaking.filter(
        pc.and_(
            pc.and_(speaking["new"], speaking["here"]),
            pc.and_(
                pc.greater_equal(speaking["listeners"], LISTENERS),
                pc.greater_equal(speaking["messages"], LEAST_MESSAGES),
            ),
        )
    )
    ranks: dict[int, list[float]] = {}
    wanted = speaking.filter(pc.is_in(speaking["group"], new["group"].combine_chunks()))
    for row in wanted.select(["group", "pagerank"]).to_pylist():
        ranks.setdefault(row["group"], []).append(row["pagerank"])
    for row in new.to_pylist():
        mine = ranks[row["group"]]
        place = sum(value > row["pagerank"] for value in mine)
        if place >= LEADING * len(mine):
            continue
        evidence = (
            (f"入群不到 {w.days} 天，已有 {row['listeners']} 人回应", f"here for less than {w.days} days, answered by {row['listeners']} people"),
            (f"发言 {row['messages']} 条，影响力在群内第 {place + 1}", f"{row['messages']} messages, number {place + 1} of the group by influence"),
        )  # fmt: skip
        yield Found(row["person"], 2 if place == 0 else 1, row["listeners"], evidence, row["group"])


DETECTOR = Detector(
    key="star_newcomer", zh="新星", en="Star newcomer", entity="person", of=of,
    todo_zh="本周内认识一下，请其分享一次，别急着给任务。",
    todo_en="Get to know them this week and ask them to share something once; do not hand out duties yet.",
)  # fmt: skip
