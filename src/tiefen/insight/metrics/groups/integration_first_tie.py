"""新人第一个熟人用时 Time to the first tie."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.metrics.groups.integration import newcomers
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    ties = newcomers(t, w, 30)
    ties = ties.filter(ties.waited_us.notnull())
    first = ties.group_by("group", "stay_id").agg(waited_us=ties.waited_us.min())
    return base.shares(first.group_by("group").agg(part=first.waited_us.sum() / 1_000_000, whole=first.count()))


METRIC = Metric(
    key="integration_first_tie",
    per="group",
    zh="新人第一个熟人用时",
    en="Time to the first tie",
    definition_zh="近 90 天内入群、且已满 30 天、30 天内与人互相回复或提到过的人次，从入群到第一次的平均时间。一直没有的人不计入，他们的多少见“新人 30 日融入”。",
    definition_en="Of the joins of the last 90 days that are at least 30 days old and had a tie within 30 days: the mean time from joining to the first one. Those who had none are not in it; see newcomers with ties after 30 d.",
    formula="Σ (first tie − joined) / #(joins with a tie within 30 d)",
    unit="seconds",
    better="lower",
    grade="B",
    of=of,
    source="Kraut & Resnick 2012, ch. 5",
    kinds=("member.joined", "message.posted"),
    looks_back=base.JOIN_DAYS,
)
