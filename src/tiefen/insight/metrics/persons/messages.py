"""消息数 Messages."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return base.everybody(t, w, base.messages(t, w), base.heard(t, w))


METRIC = Metric(
    key="messages",
    per="person",
    zh="消息数",
    en="Messages",
    definition_zh="窗口内在所有群里发的消息条数；所在群没有消息数据的人不知道。",
    definition_en="Messages posted within the window, in all groups. Unknown for those whose groups were never heard.",
    formula="#messages",
    unit="count",
    better="higher",
    grade="B",
    of=of,
    source="participation",
    kinds=("message.posted",),
)
