"""双胞胎群 — two groups that are nearly the same people."""

from __future__ import annotations

from collections.abc import Iterator

from tiefen.insight.detectors.detector import Detector, Found
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

LEAST_SHARED, JACCARD = 15, 0.6


def of(made: Made, w: Window) -> Iterator[Found]:
    for row in made["group_overlap"].to_pylist():
        shared, a, b = row["shared"], row["a_members"], row["b_members"]
        jaccard = shared / (a + b - shared)
        if shared < LEAST_SHARED or jaccard < JACCARD:
            continue
        evidence = (
            (f"共有 {shared} 人（{a} 人与 {b} 人），重合度 {jaccard:.0%}", f"{shared} people in both (of {a} and {b}), Jaccard {jaccard:.0%}"),
        )  # fmt: skip
        yield Found(row["a"], 2 if jaccard > 0.8 else 1, shared, evidence, row["b"])


DETECTOR = Detector(
    key="twin_groups", zh="双胞胎群", en="Twin groups", entity="group", of=of,
    todo_zh="同样的人不必收两遍消息：合并，或给其中一个换个主题。",
    todo_en="The same people need not get everything twice: merge them, or give one of them another theme.",
)  # fmt: skip
