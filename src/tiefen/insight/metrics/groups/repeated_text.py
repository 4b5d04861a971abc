"""重复率 Share of repeated text."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window

LEAST_LENGTH = 4
"""Shorter ones are nods, which everybody repeats."""


def of(t: Tables, w: Window) -> ir.Table:
    some = base.said(t, w)
    some = some.filter(some.text_hash.notnull(), some.length >= LEAST_LENGTH)
    same = ibis.window(group_by=["group", "text_hash"])
    told = some.mutate(again=some.count().over(same) > 1)
    return base.shares(told.group_by("group").agg(part=told.again.sum(), whole=told.count()))


METRIC = Metric(
    key="repeated_text",
    per="group",
    zh="重复率",
    en="Repeated text",
    definition_zh="窗口内四个字以上的消息中，与群里另一条一字不差（不计空格和大小写）的比例。",
    definition_en="Of the messages of the window of four characters or more, the share that say word for word (but for blanks and case) what another in the group says.",
    formula="#{text said more than once} / #messages of ≥ 4 characters",
    unit="share",
    better="lower",
    grade="B",
    of=of,
    source="Nematzadeh et al. 2019: where talk overloads its readers, it turns into repetition",
    kinds=("message.posted",),
)
