"""发言者增长 Growth of speakers."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import outcomes
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return outcomes.only(outcomes.speaker_growth, t, w)


METRIC = Metric(
    key="speaker_growth",
    per="group",
    zh="发言者增长",
    en="Growth of speakers",
    definition_zh="窗口内发言人数比前一个同样长的窗口净增（或净减）的比例。四个结果之一：增长（B 级，按消息）。",
    definition_en="People who spoke within the window less those who did in the one before, of the latter. One of four outcomes: growth, from messages.",
    formula="(speakers − speakers before) / speakers before",
    unit="share",
    better="higher",
    grade="B",
    of=of,
    source="Cunha et al. 2019",
    kinds=("message.posted",),
    looks_back=60,
)
