"""发言集中度 Concentration of talk."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    some = base.said(t, w)
    each = some.group_by("group", "person").agg(x=some.count())
    ranked = each.mutate(i=ibis.row_number().over(ibis.window(group_by="group", order_by="x")) + 1)
    per = ranked.group_by("group").agg(n=ranked.count(), total=ranked.x.sum(), lean=(ranked.i * ranked.x).sum())
    return base.shares(per.select("group", part=2 * per.lean - (per.n + 1) * per.total, whole=per.n * per.total))


METRIC = Metric(
    key="participation_gini",
    per="group",
    zh="发言集中度",
    en="Concentration of talk",
    definition_zh="窗口内发言者之间消息数的基尼系数：0 为人人一样多，接近 1 为几乎都由一人说。",
    definition_en="Gini coefficient of messages among the speakers of the window: 0 where all say as much, near 1 where one person says nearly everything.",
    formula="Σ(2i−n−1)xᵢ / (n·Σx)",
    unit="index",
    better="lower",
    grade="B",
    of=of,
    source="Gini 1912; .15–.37 a quarter among posters: van Mierlo 2016",
    kinds=("message.posted",),
)
