"""最挤时刻 Most people speaking at once."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.metrics.groups.crowding import slots
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    some = slots(t, w)
    return base.shares(some.group_by("group").agg(part=some.posters.max()).mutate(whole=ibis.literal(1)))


METRIC = Metric(
    key="crowding_peak",
    per="group",
    zh="最挤时刻",
    en="Most people at once",
    definition_zh="窗口内最挤的二十分钟里有多少人发言；约 40 人是一个群能聊得过来的上限。",
    definition_en="How many people spoke in the busiest twenty minutes of the window; about 40 are what one chat can hold.",
    formula="max over slots of |posters|",
    unit="count",
    better="neither",
    grade="B",
    of=of,
    source="Jones, Moldovan, Raban & Butler 2008",
    kinds=("message.posted",),
)
