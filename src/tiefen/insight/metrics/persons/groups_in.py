"""所在群数 Groups."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.groups.base import present
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    inside = present(t, w)
    return base.everybody(t, w, inside.group_by("person").agg(part=inside.count()))


METRIC = Metric(
    key="groups_in",
    per="person",
    zh="所在群数",
    en="Groups",
    definition_zh="窗口结束时所在的群数。",
    definition_en="In how many groups somebody is when the window ends.",
    formula="#groups",
    unit="count",
    better="higher",
    grade="A",
    of=of,
    source="memberships",
    kinds=(
        "member.joined",
        "member.left",
    ),
    looks_back=EVER,
)
