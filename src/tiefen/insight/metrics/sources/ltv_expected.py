"""预计客户价值 Expected LTV."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons.forecasts import forecast_of
from tiefen.insight.metrics.sources import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    expected = forecast_of(t, w, "money_365d_fen")
    came = base.arrivals(t, w)
    ahead = came.inner_join(expected, "person")
    ahead = ahead.group_by("source").agg(ahead=ahead.part.sum())
    earned = base.earnings(t, w)
    paid = earned.group_by("source").agg(paid=earned.amount_fen.sum())
    size = came.group_by("source").agg(whole=came.count())
    both = size.left_join(paid, "source").drop("source_right").inner_join(ahead, "source")
    part = both.paid.fill_null(0).cast("float64") + both.ahead
    return both.select("source", part=part, whole=both.whole.cast("float64"))


METRIC = Metric(
    key="ltv_expected",
    per="source",
    zh="预计客户价值",
    en="Expected LTV",
    definition_zh="来的人至今的净收入，加上模型预计他们未来 365 天会付的钱，平均到每个来的人，单位分。预计部分只对买过的人作出，没有折现，也不是利润。",
    definition_en="What all arrivals paid so far, less refunds, plus what the model expects them to pay in the next 365 days, per arrival, in fen. Only people who bought are expected to pay; it is not discounted, and no profit.",
    formula="(Σ net paid + Σ E[paid in 365 d]) / arrivals",
    unit="fen",
    better="higher",
    grade="A",
    of=of,
    source="BG/NBD and Gamma-Gamma: Fader, Hardie and Lee 2005; Fader and Hardie 2013",
    kinds=("order.paid", "order.refunded", "contact.added", "code.scanned", "link.clicked", "page.viewed"),
    looks_back=EVER,
)
