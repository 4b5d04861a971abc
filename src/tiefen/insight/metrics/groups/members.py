"""成员数 Members."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    present = base.present(t, w).group_by("group").agg(part=ibis._.count())
    return base.counted(base.stayed_groups(t, w), present)


METRIC = Metric(
    key="members",
    per="group",
    zh="成员数",
    en="Members",
    definition_zh="窗口结束时在群里的人数。",
    definition_en="How many people are in the group when the window ends.",
    formula="|present|",
    unit="count",
    better="neither",
    grade="A",
    of=of,
    source="WeCom group statistics (member_total)",
    kinds=("member.joined", "member.left"),
    looks_back=EVER,
)
