"""每天消息数 Messages a day."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import outcomes
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return outcomes.only(outcomes.talk_volume, t, w)


METRIC = Metric(
    key="talk_volume",
    per="group",
    zh="每天消息数",
    en="Messages a day",
    definition_zh="窗口内平均每天的消息数（不含机器人）。四个结果之一：声量（B 级；只有进出数据时无从知道）。",
    definition_en="Messages a day over the window, without those of bots. One of four outcomes: volume; memberships alone cannot tell it.",
    formula="#messages / #days",
    unit="mean",
    better="higher",
    grade="B",
    of=of,
    source="Cunha et al. 2019",
    kinds=("message.posted",),
)
