"""仍在购买的概率 Chance of still buying."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons.forecasts import forecast_of
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return forecast_of(t, w, "active_chance")


METRIC = Metric(
    key="active_chance",
    per="person",
    zh="仍在购买的概率",
    en="Chance of still buying",
    definition_zh="按下单节奏推算，还没有停止购买的概率。不是近期会买的概率，也不管是否还在群里、还在发言；"
    "BG/NBD 模型对只下过一单的人说不出，此时不知道。",
    definition_en="The chance of not having stopped buying, by when somebody ordered so far. It is not the chance to buy soon, and knows"
    " nothing of groups and talk; of people who ordered once BG/NBD cannot tell, and it is unknown.",
    formula="P(alive | frequency, recency, age)",
    unit="share",
    better="higher",
    grade="A",
    of=of,
    source="BG/NBD: Fader, Hardie and Lee 2005; Pareto/NBD: Schmittlein, Morrison and Colombo 1987",
    kinds=("order.paid", "order.refunded"),
    looks_back=EVER,
)
