"""发言率 Share who speak."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    present = base.present(t, w).semi_join(base.heard_groups(t, w), "group")
    spoken = base.said(t, w).select("group", "person", spoke=ibis.literal(1)).distinct()
    both = present.left_join(spoken, ["group", "person"])
    return base.shares(both.group_by("group").agg(part=both.spoke.sum().fill_null(0), whole=both.count()))


METRIC = Metric(
    key="speaker_share",
    per="group",
    zh="发言率",
    en="Share who speak",
    definition_zh="窗口结束时的成员中，窗口内发过言的比例。",
    definition_en="Of those who are members when the window ends, the share who spoke within it.",
    formula="|speakers ∩ members| / |members|",
    unit="share",
    better="higher",
    grade="B",
    of=of,
    source="van Mierlo 2014, the 1 % rule",
    kinds=("message.posted", "member.joined", "member.left"),
)
