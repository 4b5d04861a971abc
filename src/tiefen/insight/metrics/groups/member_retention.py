"""成员留存 Members who stayed."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import outcomes
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return outcomes.only(outcomes.member_retention, t, w)


METRIC = Metric(
    key="member_retention",
    per="group",
    zh="成员留存",
    en="Members who stayed",
    definition_zh="窗口开始时的成员中，窗口结束时仍在群的比例。四个结果之一：留存（A 级，只看进出）。",
    definition_en="Of the members at the start of the window, the share who are still members at its end. One of four outcomes: retention, from memberships alone.",
    formula="#(members at start and end) / #members at start",
    unit="share",
    better="higher",
    grade="A",
    of=of,
    source="Cunha et al. 2019",
    kinds=("member.joined", "member.left"),
)
