"""新人 7 日留存 Newcomers still here after 7 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.metrics.groups.retention import retention
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return retention(t, w, 7)


METRIC = Metric(
    key="newcomer_retention_7d",
    per="group",
    zh="新人 7 日留存",
    en="Newcomers still here after 7 d",
    definition_zh="近 90 天内入群、且已满 7 天的人次中，满 7 天时仍在群的比例。",
    definition_en="Of the joins of the last 90 days that are at least 7 days old, the share who were still here 7 days after.",
    formula="#(still here after 7 d) / #joins",
    unit="share",
    better="higher",
    grade="A",
    of=of,
    source="Kairam 2012; classic N-day retention",
    kinds=("member.joined", "member.left"),
    looks_back=base.JOIN_DAYS,
)
