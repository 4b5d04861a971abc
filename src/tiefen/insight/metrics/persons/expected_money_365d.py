"""预计一年消费 Money expected in a year."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons.forecasts import forecast_of
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return forecast_of(t, w, "money_365d_fen")


METRIC = Metric(
    key="expected_money_365d",
    per="person",
    zh="预计一年消费",
    en="Money expected in a year",
    definition_zh="未来 365 天平均会付多少钱：预计订单数 × 预计每单金额。是付款额，不是利润，也没有折现；"
    "假定每单金额与下单频率无关。从未下单的人不预测。",
    definition_en="What somebody pays in the next 365 days on average: expected orders × expected value of an order. It is revenue, not"
    " profit, and not discounted; it takes the value of an order to be independent of how often somebody orders."
    " Nothing is said of people who never ordered.",
    formula="E[orders in 365 d] × E[value of an order]",
    unit="fen",
    better="higher",
    grade="A",
    of=of,
    source="Gamma-Gamma: Fader and Hardie 2013",
    kinds=("order.paid", "order.refunded"),
    looks_back=EVER,
)
