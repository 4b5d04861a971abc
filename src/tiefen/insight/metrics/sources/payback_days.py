"""回本天数 Days until paid back."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.sources import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    earned = base.earnings(t, w)
    daily = earned.group_by("source", "age_days").agg(amount=earned.amount_fen.sum())
    so_far = ibis.window(group_by="source", order_by="age_days", preceding=None, following=0)
    curve = daily.mutate(total=daily.amount.sum().over(so_far)).inner_join(base.costs(t, w), "source")
    paid = curve.filter(curve.total >= curve.cost, curve.cost > 0).group_by("source").agg(day=ibis._.age_days.min())
    return paid.select("source", part=paid.day.cast("float64"), whole=ibis.literal(1.0))


METRIC = Metric(
    key="payback_days",
    per="source",
    zh="回本天数",
    en="Days until paid back",
    definition_zh="到来后第几天，累计净收入首次达到渠道花费；还没回本的没有。",
    definition_en="On which day after arrival what all arrivals paid together first covers what the source cost. None until it does.",
    formula="min d : Σ_{age ≤ d} net paid ≥ cost",
    unit="days",
    better="lower",
    grade="A",
    of=of,
    source="CAC payback period",
    kinds=(
        "order.paid",
        "order.refunded",
        "cost.spent",
    ),
    looks_back=EVER,
)
