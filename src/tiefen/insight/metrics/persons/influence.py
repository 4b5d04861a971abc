"""影响人数 People who answered."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return base.everybody(t, w, base.answerers(t, w), base.heard(t, w))


METRIC = Metric(
    key="influence",
    per="person",
    zh="影响人数",
    en="People who answered",
    definition_zh="近 90 天内有多少不同的人回复或提到过他。",
    definition_en="How many different people answered or mentioned somebody in the last 90 days.",
    formula="|{a : a → person}|",
    unit="count",
    better="higher",
    grade="B",
    of=of,
    source="in-degree; Kitsak 2010: degree and k-core mark spreaders",
    kinds=("message.posted",),
    looks_back=base.TALK_DAYS,
)
