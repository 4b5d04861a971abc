"""成员增长 Growth of members."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import outcomes
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    return outcomes.only(outcomes.member_growth, t, w)


METRIC = Metric(
    key="member_growth",
    per="group",
    zh="成员增长",
    en="Growth of members",
    definition_zh="窗口开始时的成员中，窗口结束时净增（或净减）的比例。四个结果之一：增长（A 级，只看进出）。",
    definition_en="Members at the end of the window less those at its start, of the latter. One of four outcomes: growth, from memberships alone.",
    formula="(members at end − members at start) / members at start",
    unit="share",
    better="higher",
    grade="A",
    of=of,
    source="Kairam 2012; Cunha et al. 2019",
    kinds=("member.joined", "member.left"),
)
