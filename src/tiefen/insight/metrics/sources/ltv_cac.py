"""价值成本比 LTV / CAC."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.sources import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    spent, earned = base.costs(t, w), base.earnings(t, w)
    both = spent.filter(spent.cost > 0).left_join(earned.group_by("source").agg(part=earned.amount_fen.sum()), "source")
    return both.select("source", part=both.part.fill_null(0).cast("float64"), whole=both.cost.cast("float64"))


METRIC = Metric(
    key="ltv_cac",
    per="source",
    zh="价值成本比",
    en="LTV / CAC",
    definition_zh="至今来的人的净收入 ÷ 渠道花费；未来的收入不计。",
    definition_en="What all arrivals paid up to now, less refunds, over what the source cost. What they may pay later is not in it.",
    formula="Σ net paid / cost",
    unit="index",
    better="higher",
    grade="A",
    of=of,
    source="LTV/CAC; above 3 is called healthy",
    kinds=(
        "order.paid",
        "order.refunded",
        "cost.spent",
    ),
    looks_back=EVER,
)
