"""新人首答时间 Time to a newcomer's first reply."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    opening = base.turns(t, w).semi_join(base.first_words(t, w), ["group", "person", "happened_us"])
    waited = base.answered(t, w, opening)
    waited = waited.filter(waited.answered_us.notnull())
    seconds = (waited.answered_us - waited.happened_us) / 1_000_000
    return base.shares(waited.group_by("group").agg(part=seconds.sum(), whole=waited.count()))


METRIC = Metric(
    key="first_reply_time",
    per="group",
    zh="新人首答时间",
    en="Time to a newcomer's first reply",
    definition_zh="窗口内首次在群里发言的人，平均多久得到第一个回应（被回复或被提到，24 小时内；或 10 分钟内有人接话）。没得到回应的不计入。",
    definition_en="How long those whose first message in the group fell within the window waited for an answer on average: a reply or mention within a day, or somebody speaking within ten minutes. Those never answered do not count.",
    formula="Σ seconds / #answered",
    unit="seconds",
    better="lower",
    grade="B",
    of=of,
    source="Kraut & Resnick 2012, ch. 5: newcomers answered soon stay",
    kinds=("message.posted",),
    looks_back=EVER,
)
