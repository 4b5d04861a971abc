"""30 日开口率 Spoke within 30 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons import base as people
from tiefen.insight.metrics.sources import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    spoke = people.spoken(t, w)
    return base.first_days(t, w, people.heard(t, w), spoke.select("person", us=spoke.first_us))


METRIC = Metric(
    key="spoke_30d",
    per="source",
    zh="30 日开口率",
    en="Spoke within 30 d",
    definition_zh="到来满 30 天的人里，到来后 30 天内已经在群里说过话的比例；只数在有消息记录的群里待过的人。",
    definition_en="Of those who arrived at least 30 days ago, the share who had spoken in a group when 30 days were over; only of people who were ever in a group whose talk is known.",
    formula="|first word before arrival + 30 d| / |arrived ≥ 30 d ago, heard|",
    unit="share",
    better="higher",
    grade="B",
    of=of,
    source="activation within a month",
    kinds=("message.posted", "contact.added", "code.scanned", "link.clicked", "page.viewed", "order.paid"),
    looks_back=EVER,
)
