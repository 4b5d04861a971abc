"""一言堂 — one person does most of the talking."""

from __future__ import annotations

from collections.abc import Iterator

from tiefen.insight.detectors.detector import Detector, Found, count, ratio
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window

LEAST_MESSAGES, LEAST_MEMBERS = 50, 10
ONE_SHARE = 0.5


def of(made: Made, w: Window) -> Iterator[Found]:
    people = made["group_people"]
    loudest = {
        row["group"]: row["messages_max"]
        for row in people.group_by("group").aggregate([("messages", "max")]).to_pylist()
    }
    for row in made["groups"].to_pylist():
        messages, most = count(row, "messages"), loudest.get(row["group"], 0)
        members = max(count(row, "members"), count(row, "active_30d"))
        if messages < LEAST_MESSAGES or members < LEAST_MEMBERS or most < ONE_SHARE * messages:
            continue
        gini = ratio(row, "participation_gini") or 0.0
        evidence = (
            (f"{messages:.0f} 条消息中 {most} 条（{most / messages:.0%}）出自一人", f"{most} of {messages:.0f} messages ({most / messages:.0%}) are by one person"),
            (f"基尼系数 {gini:.2f}", f"Gini coefficient {gini:.2f}"),
        )  # fmt: skip
        yield Found(row["group"], 2 if most > 0.7 * messages else 1, members, evidence)


DETECTOR = Detector(
    key="one_voice_group", zh="一言堂", en="One-voice group", entity="group", of=of,
    todo_zh="请这位少说一点、多提问；点名邀请三五位活跃过的成员接话。",
    todo_en="Ask that person to say less and ask more; invite three or five who used to speak, by name.",
)  # fmt: skip
