"""预计 90 天订单 Orders expected in 90 days."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons.forecasts import forecast_of
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return forecast_of(t, w, "orders_90d")


METRIC = Metric(
    key="expected_orders_90d",
    per="person",
    zh="预计 90 天订单",
    en="Orders expected in 90 days",
    definition_zh="按下单节奏推算，未来 90 天平均会下几单（同一天算一单）。只看下单的时间，不看发言、优惠和季节；"
    "是许多同样的人的平均，不是对某一单的承诺。从未下单的人不预测。",
    definition_en="How many orders the next 90 days bring on average, by when somebody ordered so far (orders of a day are one). It looks"
    " at the times of orders alone, not at talk, offers or seasons; it is the mean over many such people and no"
    " promise of an order. Nothing is said of people who never ordered.",
    formula="E[orders in 90 d | frequency, recency, age]",
    unit="index",
    better="higher",
    grade="A",
    of=of,
    source="BG/NBD: Fader, Hardie and Lee 2005; Pareto/NBD: Schmittlein, Morrison and Colombo 1987",
    kinds=("order.paid", "order.refunded"),
    looks_back=EVER,
)
