"""花费 Cost."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.sources import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    spent = base.costs(t, w)
    return spent.select("source", part=spent.cost.cast("float64"), whole=ibis.literal(1.0))


METRIC = Metric(
    key="cost",
    per="source",
    zh="花费",
    en="Cost",
    definition_zh="至今在此渠道上的花费，单位分。没有花费记录的渠道不知道。",
    definition_en="What was spent on this source up to now, in fen. Unknown where nothing was recorded.",
    formula="Σ cost",
    unit="fen",
    better="lower",
    grade="A",
    of=of,
    source="costs as imported",
    kinds=("cost.spent",),
    looks_back=EVER,
)
