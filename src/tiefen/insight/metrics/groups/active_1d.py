"""当日活跃人数 Active speakers, 1 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    spoken = base.said(t, w.last(1)).group_by("group").agg(part=ibis._.person.nunique())
    return base.counted(base.heard_groups(t, w), spoken)


METRIC = Metric(
    key="active_1d",
    per="group",
    zh="当日活跃人数",
    en="Active speakers, 1 d",
    definition_zh="窗口结束前 1 天内发过言的人数。",
    definition_en="How many people spoke within the last 1 days of the window.",
    formula="|speakers over 1 d|",
    unit="count",
    better="higher",
    grade="B",
    of=of,
    source="WeCom group statistics (has_msg member count)",
    kinds=("message.posted",),
    looks_back=1,
)
