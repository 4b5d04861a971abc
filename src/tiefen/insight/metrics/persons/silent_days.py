"""距上次出现 Days since last seen."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    seen = base.seen(t, w)
    return base.those(t, w, seen.select("person", part=base.days_since(t, w, seen.last_us)))


METRIC = Metric(
    key="silent_days",
    per="person",
    zh="距上次出现",
    en="Days since last seen",
    definition_zh="距最近一次出现（发言、购买、浏览等）的天数。",
    definition_en="Days since somebody was last seen doing anything: speaking, buying, looking.",
    formula="as of − last seen",
    unit="days",
    better="lower",
    grade="B",
    of=of,
    source="length of silence, the plainest predictor of leaving",
    kinds=(
        "message.posted",
        "order.paid",
        "member.joined",
        "page.viewed",
        "link.clicked",
    ),
    looks_back=EVER,
)
