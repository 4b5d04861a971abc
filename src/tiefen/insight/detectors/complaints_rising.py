"""抱怨变多 — a larger share of what is said complains than the month before, and not by chance."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import pyarrow.compute as pc

from tiefen.insight.detectors.detector import Detector, Found
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

LEAST_COMPLAINTS, LEAST_BEFORE = 8, 50
RISE, SURE = 1.5, 3.0
"""Half as much again; and so many standard errors, because every group is looked at."""


def of(made: Made, w: Window) -> Iterator[Found]:
    rows = made["group_talk"]
    for row in rows.filter(pc.equal(rows["talk"], "complaint")).to_pylist():
        n, m, all_now, all_before = row["messages"], row["messages_before"], row["of"], row["of_before"]
        if n < LEAST_COMPLAINTS or all_before < LEAST_BEFORE:
            continue
        now, before, both = n / all_now, m / all_before, (n + m) / (all_now + all_before)
        error = sqrt(both * (1 - both) * (1 / all_now + 1 / all_before))
        if not error or now < RISE * before or now - before < SURE * error:
            continue
        evidence = (
            (f"近 {w.days} 天 {n} 条抱怨（{row['people']} 人），占 {now:.1%}", f"{n} complaints by {row['people']} people in {w.days} days, {now:.1%} of the messages"),
            (f"此前 {w.days} 天 {m} 条，占 {before:.1%}；差异为 {(now - before) / error:.1f} 个标准误", f"{m} in the {w.days} days before, {before:.1%}; the difference is {(now - before) / error:.1f} standard errors"),
        )  # fmt: skip
        yield Found(row["group"], 3 if now >= 3 * before and n >= 20 else 2, row["people"], evidence)


DETECTOR = Detector(
    key="complaints_rising", zh="抱怨变多", en="Complaints rising", entity="group", of=of,
    todo_zh="到“话题”页看主题与原话，先在群里公开回应最多人说的那一件，再逐个私聊处理，处理完回群里说一声。",
    todo_en="Look at the themes and the words on the page Talk, answer in the group what most people say, settle the rest one by one, and tell the group when it is done.",
)  # fmt: skip
