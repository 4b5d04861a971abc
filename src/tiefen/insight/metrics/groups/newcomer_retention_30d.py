"""新人 30 日留存 Newcomers still here after 30 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.metrics.groups.retention import retention
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return retention(t, w, 30)


METRIC = Metric(
    key="newcomer_retention_30d",
    per="group",
    zh="新人 30 日留存",
    en="Newcomers still here after 30 d",
    definition_zh="近 90 天内入群、且已满 30 天的人次中，满 30 天时仍在群的比例。",
    definition_en="Of the joins of the last 90 days that are at least 30 days old, the share who were still here 30 days after.",
    formula="#(still here after 30 d) / #joins",
    unit="share",
    better="higher",
    grade="A",
    of=of,
    source="Kairam 2012; classic N-day retention",
    kinds=("member.joined", "member.left"),
    looks_back=base.JOIN_DAYS,
)
