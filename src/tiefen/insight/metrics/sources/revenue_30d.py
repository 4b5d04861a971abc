"""30 日人均收入 Revenue per arrival, 30 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.sources import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return base.revenue(t, w, 30)


METRIC = Metric(
    key="revenue_30d",
    per="source",
    zh="30 日人均收入",
    en="Revenue per arrival, 30 d",
    definition_zh="到来满 30 天的人，到来后 30 天内的人均净收入，单位分。",
    definition_en="What those who arrived at least 30 days ago paid within 30 days of arriving, less refunds, per person, in fen.",
    formula="Σ net paid within 30 d / |arrived ≥ 30 d ago|",
    unit="fen",
    better="higher",
    grade="A",
    of=of,
    source="cohort revenue",
    kinds=(
        "order.paid",
        "order.refunded",
        "contact.added",
        "code.scanned",
        "link.clicked",
        "page.viewed",
    ),
    looks_back=EVER,
)
