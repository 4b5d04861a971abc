"""订单数 Orders."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    bought = base.purchases(t, w)
    return base.everybody(t, w, bought.select("person", part=bought.orders), base.shoppers(t, w))


METRIC = Metric(
    key="frequency",
    per="person",
    zh="订单数",
    en="Orders",
    definition_zh="至今付过款的订单数。没有任何订单数据时不知道。",
    definition_en="Paid orders up to now. Unknown where no orders are told to us at all.",
    formula="#orders",
    unit="count",
    better="higher",
    grade="A",
    of=of,
    source="RFM: Hughes 1994",
    kinds=("order.paid",),
    looks_back=EVER,
)
