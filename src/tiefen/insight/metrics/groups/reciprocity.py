"""互动对等 Reciprocity."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    edges = base.edges(t, w)
    back = edges.select("group", a=edges.b, b=edges.a, back=ibis.literal(1))
    both = edges.left_join(back, ["group", "a", "b"])
    return base.shares(both.group_by("group").agg(part=both.back.sum().fill_null(0), whole=both.count()))


METRIC = Metric(
    key="reciprocity",
    per="group",
    zh="互动对等",
    en="Reciprocity",
    definition_zh="近 90 天内，甲回复或提到乙的关系中，乙也回复或提到过甲的比例。",
    definition_en="Of the directed ties of the last 90 days (a answered or mentioned b), the share that are returned.",
    formula="|returned ties| / |ties|",
    unit="share",
    better="higher",
    grade="B",
    of=of,
    source="Wasserman & Faust 1994, §13; networkx.overall_reciprocity",
    kinds=("message.posted",),
    looks_back=base.LINK_DAYS,
)
