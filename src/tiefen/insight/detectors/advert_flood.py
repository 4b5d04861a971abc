"""广告泛滥 — adverts crowd out the talk."""

from __future__ import annotations

from collections.abc import Iterator

from tiefen.insight.detectors.detector import Detector, Found, count, ratio
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

LEAST_ADVERTS, FLOOD_SHARE = 10, 0.12


def of(made: Made, w: Window) -> Iterator[Found]:
    for row in made["groups"].to_pylist():
        share, adverts = ratio(row, "advert_share"), count(row, "advert_share")
        if share is None or adverts < LEAST_ADVERTS or share < FLOOD_SHARE:
            continue
        evidence = (
            (f"近 {w.days} 天 {adverts:.0f} 条疑似广告，占 {share:.0%}", f"{adverts:.0f} likely adverts in {w.days} days, {share:.0%} of the messages"),
        )  # fmt: skip
        yield Found(row["group"], 3 if share > 0.3 else 2, count(row, "members"), evidence)


DETECTOR = Detector(
    key="advert_flood", zh="广告泛滥", en="Advert flood", entity="group", of=of,
    todo_zh="查看并标记这些消息，移出发广告的人，重申群规；入群改为审核。",
    todo_en="Look at these messages and mark them, remove who posts them, repeat the rules; let joins be approved.",
)  # fmt: skip
