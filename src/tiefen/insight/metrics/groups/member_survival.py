"""成员规模保有 Members of the most there were."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.groups import outcomes
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return outcomes.only(outcomes.member_survival, t, w)


METRIC = Metric(
    key="member_survival",
    per="group",
    zh="成员规模保有",
    en="Members of the most there were",
    definition_zh="现有成员与过去一年里各窗口末最多成员数之比。四个结果之一：存续（A 级，只看进出）。",
    definition_en="Members now, of the most at the end of any of the last thirteen windows. One of four outcomes: survival, from memberships alone.",
    formula="members now / max members at the end of a window",
    unit="share",
    better="higher",
    grade="A",
    of=of,
    source="Cunha et al. 2019",
    kinds=("member.joined", "member.left"),
    looks_back=EVER,
)
