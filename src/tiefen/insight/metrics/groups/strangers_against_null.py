"""陌生程度对照随机 Strangers against chance."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.metrics.groups.strangers_by_lot import by_lot
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    edges = base.edges(t, w)
    pairs = edges.select("group", a=ibis.least(edges.a, edges.b), b=ibis.greatest(edges.a, edges.b)).distinct()
    known = pairs.group_by("group").agg(known=pairs.count())
    both = by_lot(t, w).join(known, "group")
    return base.shares(both.select("group", part=both.acquainted, whole=both.known))


METRIC = Metric(
    key="strangers_against_null",
    per="group",
    zh="陌生程度（对照随机）",
    en="Strangers against chance",
    definition_zh="近 90 天内，每人回复、提到别人和被回复、被提到的次数不变，只是对象改为抽签，平均会有多少对人相识；除以实际相识的对数。1 表示和抽签一样，越大说明话越集中在固定的几对人之间。与群的大小无关，可以互相比较。",
    definition_en="How many pairs would be acquainted if everybody addressed others, and was addressed, as often as in the last 90 days, but by lot; for each pair that is. 1 is as by lot; the higher, the more the talk stays between the same few. Groups of any size can be compared.",
    formula="E[acquainted pairs | everybody's sent and heard] / acquainted pairs",
    unit="index",
    better="lower",
    grade="B",
    of=of,
    source="configuration model: Newman, Strogatz & Watts 2001; Chung & Lu 2002",
    kinds=("message.posted",),
    looks_back=base.LINK_DAYS,
)
