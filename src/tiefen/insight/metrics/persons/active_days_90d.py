"""活跃天数 Days spoken on, 90 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return base.everybody(t, w, base.days_spoken(t, w), base.heard(t, w))


METRIC = Metric(
    key="active_days_90d",
    per="person",
    zh="活跃天数",
    en="Days spoken on, 90 d",
    definition_zh="近 90 天内有几天发过言。",
    definition_en="On how many of the last 90 days somebody spoke.",
    formula="#days",
    unit="days",
    better="higher",
    grade="B",
    of=of,
    source="active days as in BG/NBD: Fader, Hardie & Lee 2005",
    kinds=("message.posted",),
    looks_back=base.TALK_DAYS,
)
