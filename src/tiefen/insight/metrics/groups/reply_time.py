"""接话时间 Time until somebody answers."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    some = base.said(t, w).select("seq", "group", "person", "happened_us")
    inside = ibis.window(group_by="group", order_by=["happened_us", "seq"])
    then = some.mutate(
        other=some.person.lead().over(inside), gap=some.happened_us.lead().over(inside) - some.happened_us
    )
    turn = then.filter(then.other != then.person, then.gap <= base.ANSWERED_US)
    return base.shares(turn.group_by("group").agg(part=(turn.gap / 1_000_000).sum(), whole=turn.count()))


METRIC = Metric(
    key="reply_time",
    per="group",
    zh="接话时间",
    en="Time until somebody answers",
    definition_zh="窗口内一条消息之后由别人接话的平均时间（只算 24 小时内的）。",
    definition_en="How long it took on average until somebody else spoke after a message, where that was the next message and came within a day.",
    formula="Σ seconds / #turns",
    unit="seconds",
    better="lower",
    grade="B",
    of=of,
    source="turn-taking; response latency",
    kinds=("message.posted",),
)
