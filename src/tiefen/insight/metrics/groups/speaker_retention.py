"""发言者留存 Speakers who spoke again."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import outcomes
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return outcomes.only(outcomes.speaker_retention, t, w)


METRIC = Metric(
    key="speaker_retention",
    per="group",
    zh="发言者留存",
    en="Speakers who spoke again",
    definition_zh="前一个窗口发过言的人中，本窗口又发言的比例。四个结果之一：留存（B 级，按消息）。",
    definition_en="Of those who spoke in the window before, the share who spoke in this one. One of four outcomes: retention, from messages.",
    formula="#(spoke before and now) / #spoke before",
    unit="share",
    better="higher",
    grade="B",
    of=of,
    source="Cunha et al. 2019",
    kinds=("message.posted",),
    looks_back=60,
)
