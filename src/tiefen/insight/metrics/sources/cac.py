"""获客成本 Cost of an arrival (CAC)."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.sources import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    both = base.costs(t, w).left_join(base.came(t, w), "source")
    return both.select("source", part=both.cost.cast("float64"), whole=both.people.fill_null(0).cast("float64"))


METRIC = Metric(
    key="cac",
    per="source",
    zh="获客成本",
    en="Cost of an arrival (CAC)",
    definition_zh="每来一人的花费，单位分。",
    definition_en="What each arrival cost, in fen.",
    formula="cost / arrivals",
    unit="fen",
    better="lower",
    grade="A",
    of=of,
    source="CAC",
    kinds=(
        "cost.spent",
        "contact.added",
        "code.scanned",
        "link.clicked",
        "page.viewed",
        "order.paid",
    ),
    looks_back=EVER,
)
