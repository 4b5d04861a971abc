"""净消费 Money."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    moved = base.money_moved(t, w)
    return base.everybody(t, w, moved.group_by("person").agg(part=moved.amount_fen.sum()), base.shoppers(t, w))


METRIC = Metric(
    key="money",
    per="person",
    zh="净消费",
    en="Money",
    definition_zh="至今付款减去退款，单位分。",
    definition_en="Paid less refunded up to now, in fen.",
    formula="Σ paid − Σ refunded",
    unit="fen",
    better="higher",
    grade="A",
    of=of,
    source="RFM: Hughes 1994",
    kinds=(
        "order.paid",
        "order.refunded",
    ),
    looks_back=EVER,
)
