"""认识天数 Days known."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    seen = base.seen(t, w)
    return base.those(t, w, seen.select("person", part=base.days_since(t, w, seen.first_us)))


METRIC = Metric(
    key="days_known",
    per="person",
    zh="认识天数",
    en="Days known",
    definition_zh="距第一次出现的天数。",
    definition_en="Days since somebody was first seen doing anything.",
    formula="as of − first seen",
    unit="days",
    better="higher",
    grade="A",
    of=of,
    source="tenure",
    kinds=(
        "member.joined",
        "message.posted",
        "order.paid",
        "contact.added",
        "page.viewed",
    ),
    looks_back=EVER,
)
