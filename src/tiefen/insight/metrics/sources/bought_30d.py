"""30 日购买率 Bought within 30 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons import base as people
from tiefen.insight.metrics.sources import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    paid = t.until(t["order_paid"], w)
    paid = paid.filter(paid.person.notnull()).group_by("person").agg(us=paid.happened_us.min())
    return base.first_days(t, w, people.shoppers(t, w), paid)


METRIC = Metric(
    key="bought_30d",
    per="source",
    zh="30 日购买率",
    en="Bought within 30 d",
    definition_zh="到来满 30 天的人里，到来后 30 天内已经买过的比例；没有订单数据时不知道。",
    definition_en="Of those who arrived at least 30 days ago, the share who had bought when 30 days were over. Unknown where orders are not told to us.",
    formula="|first order before arrival + 30 d| / |arrived ≥ 30 d ago|",
    unit="share",
    better="higher",
    grade="A",
    of=of,
    source="conversion within a month",
    kinds=("contact.added", "code.scanned", "link.clicked", "page.viewed", "order.paid"),
    looks_back=EVER,
)
