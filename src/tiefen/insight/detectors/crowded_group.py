"""挤不下的群 — so many speak at once that nobody can follow."""

from __future__ import annotations

from collections.abc import Iterator

from tiefen.insight.detectors.detector import Detector, Found, count, ratio
from tiefen.insight.metrics.groups.crowding import CAPACITY
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

LEAST_SLOTS, CROWDED_SHARE = 3, 0.02


def of(made: Made, w: Window) -> Iterator[Found]:
    for row in made["groups"].to_pylist():
        share, crowded = ratio(row, "crowding"), count(row, "crowding")
        if share is None or crowded < LEAST_SLOTS or share < CROWDED_SHARE:
            continue
        peak = count(row, "crowding_peak")
        evidence = (
            (f"近 {w.days} 天有 {crowded:.0f} 段二十分钟超过 {CAPACITY} 人发言，占有人说话的时间 {share:.0%}", f"more than {CAPACITY} people spoke in {crowded:.0f} stretches of twenty minutes in {w.days} days, {share:.0%} of the time in which anybody did"),
            (f"最挤时 {peak:.0f} 人", f"{peak:.0f} people at the busiest"),
        )  # fmt: skip
        yield Found(row["group"], 2 if share >= 0.1 else 1, count(row, "members"), evidence)


DETECTOR = Detector(
    key="crowded_group", zh="挤不下的群", en="Crowded group", entity="group", of=of,
    todo_zh="热闹时段分话题接龙或另开小群；活动错开时间，避免所有人同时开口。",
    todo_en="Let busy hours run by topic or in smaller groups, and spread activities over time, so that not everybody speaks at once.",
)  # fmt: skip
