"""新人融入 30 日 Newcomers with ties after 30 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.metrics.groups.integration import integration
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return integration(t, w, 30)


METRIC = Metric(
    key="integration_30d",
    per="group",
    zh="新人 30 日融入",
    en="Newcomers with ties after 30 d",
    definition_zh="近 90 天内入群、且已满 30 天的人次中，入群 30 天内与至少两个不同的人互相回复或提到过（不论谁先）的比例。从不注明回复谁的群不知道。",
    definition_en="Of the joins of the last 90 days that are at least 30 days old, the share who within 30 days of joining answered or mentioned, or were answered or mentioned by, at least two different people. Unknown where a group never says whom it addresses.",
    formula="#(≥ 2 ties within 30 d) / #joins",
    unit="share",
    better="higher",
    grade="B",
    of=of,
    source="Kraut & Resnick 2012, ch. 5; Kairam 2012",
    kinds=("member.joined", "message.posted"),
    looks_back=base.JOIN_DAYS,
)
