"""沉默的领袖 — somebody others listened to has fallen silent and is still there."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.compute as pc

from tiefen.insight.detectors.detector import Detector, Found
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

LEAST_BEFORE, LISTENERS = 15, 4


def of(made: Made, w: Window) -> Iterator[Found]:
    people = made["group_people"]
    some = people.filter(
        pc.and_(
            pc.and_(people["here"], pc.equal(people["messages"], 0)),
            pc.and_(
                pc.greater_equal(people["messages_before"], LEAST_BEFORE),
                pc.greater_equal(people["listeners"], LISTENERS),
            ),
        )
    )
    for row in some.to_pylist():
        before, listeners = row["messages_before"], row["listeners"]
        evidence = (
            (f"前 {w.days} 天发了 {before} 条，近 {w.days} 天一条也没有", f"{before} messages in the {w.days} days before, none in the last {w.days}"),
            (f"近 90 天有 {listeners} 人回应过", f"{listeners} people answered in 90 days"),
        )  # fmt: skip
        yield Found(row["person"], 3 if listeners >= 10 else 2, listeners, evidence, row["group"])


DETECTOR = Detector(
    key="silent_leader", zh="沉默的领袖", en="Silent leader", entity="person", of=of,
    todo_zh="由其熟悉的员工私聊问候，问问近况和看法，不推销。",
    todo_en="Have the staff they know best write to them, ask how they are and what they think, and sell nothing.",
)  # fmt: skip
