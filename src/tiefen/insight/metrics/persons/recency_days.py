"""最近购买 Days since the last order."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    bought = base.purchases(t, w)
    return base.those(t, w, bought.select("person", part=(ibis.literal(w.end) - bought.last_on).cast("int64")))


METRIC = Metric(
    key="recency_days",
    per="person",
    zh="最近购买",
    en="Days since the last order",
    definition_zh="距最近一次付款的天数；没买过的人没有。",
    definition_en="Days since the last paid order; nobody who never bought has it.",
    formula="as of − last order",
    unit="days",
    better="lower",
    grade="A",
    of=of,
    source="RFM: Hughes 1994",
    kinds=("order.paid",),
    looks_back=EVER,
)
