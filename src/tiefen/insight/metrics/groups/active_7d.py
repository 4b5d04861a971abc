"""7 日活跃人数 Active speakers, 7 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    spoken = base.said(t, w.last(7)).group_by("group").agg(part=ibis._.person.nunique())
    return base.counted(base.heard_groups(t, w), spoken)


METRIC = Metric(
    key="active_7d",
    per="group",
    zh="7 日活跃人数",
    en="Active speakers, 7 d",
    definition_zh="窗口结束前 7 天内发过言的人数。",
    definition_en="How many people spoke within the last 7 days of the window.",
    formula="|speakers over 7 d|",
    unit="count",
    better="higher",
    grade="B",
    of=of,
    source="WeCom group statistics (has_msg member count)",
    kinds=("message.posted",),
    looks_back=7,
)
