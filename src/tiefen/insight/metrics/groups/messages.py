"""消息数 Messages."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return base.counted(base.heard_groups(t, w), base.said(t, w).group_by("group").agg(part=ibis._.count()))


METRIC = Metric(
    key="messages",
    per="group",
    zh="消息数",
    en="Messages",
    definition_zh="窗口内的消息条数（机器人除外）。",
    definition_en="How many messages were posted within the window, bots aside.",
    formula="#messages",
    unit="count",
    better="higher",
    grade="B",
    of=of,
    source="WeCom group statistics (msg_total)",
    kinds=("message.posted",),
)
