"""人均发言 Messages per speaker."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    some = base.said(t, w)
    return base.shares(some.group_by("group").agg(part=some.count(), whole=some.person.nunique()))


METRIC = Metric(
    key="messages_per_speaker",
    per="group",
    zh="人均发言",
    en="Messages per speaker",
    definition_zh="窗口内每位发言者平均发了几条。",
    definition_en="How many messages each speaker posted on average within the window.",
    formula="#messages / |speakers|",
    unit="mean",
    better="neither",
    grade="B",
    of=of,
    source="CHAOSS: contribution counts",
    kinds=("message.posted",),
)
