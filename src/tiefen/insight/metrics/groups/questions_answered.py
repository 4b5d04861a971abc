"""提问得答 Questions answered."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    turns = base.turns(t, w)
    asked = base.answered(t, w, turns.filter(turns.is_question))
    return base.shares(asked.group_by("group").agg(part=asked.answered_us.notnull().sum(), whole=asked.count()))


METRIC = Metric(
    key="questions_answered",
    per="group",
    zh="提问得答",
    en="Questions answered",
    definition_zh="窗口内的提问中，得到别人回应的比例（24 小时内被回复或提到，或 10 分钟内有人接话）。",
    definition_en="Of the questions of the window, the share somebody else answered: by a reply or mention of the asker within a day, or by speaking next within ten minutes.",
    formula="#answered / #questions",
    unit="share",
    better="higher",
    grade="B",
    of=of,
    source="Q&A communities: answer rate",
    kinds=("message.posted",),
)
