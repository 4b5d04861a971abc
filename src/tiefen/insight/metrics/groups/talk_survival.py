"""有人说话的天数 Days with talk."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import outcomes
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return outcomes.only(outcomes.talk_survival, t, w)


METRIC = Metric(
    key="talk_survival",
    per="group",
    zh="有人说话的天数",
    en="Days with talk",
    definition_zh="窗口内有人说话的天数占比。四个结果之一：存续（B 级，按消息）。",
    definition_en="The share of the window's days on which anybody spoke. One of four outcomes: survival, from messages.",
    formula="#days with talk / #days",
    unit="share",
    better="higher",
    grade="B",
    of=of,
    source="Cunha et al. 2019",
    kinds=("message.posted",),
)
