"""退群人次 Left."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    stay = t["stay"]
    gone = t.within(stay.filter(stay.left_known).mutate(happened_at=ibis._.left_at), w)
    return base.counted(base.watched_groups(t, w), gone.group_by("group").agg(part=ibis._.count()))


METRIC = Metric(
    key="left",
    per="group",
    zh="退群人次",
    en="Left",
    definition_zh="窗口内退群或被移出的人次。没有进出记录的群不知道。",
    definition_en="How often somebody left or was removed within the window, where that is told to us.",
    formula="#leaves",
    unit="count",
    better="lower",
    grade="A",
    of=of,
    source="WeCom group statistics",
    kinds=("member.left",),
)
