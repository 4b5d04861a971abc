"""重叠率 Overlap with other groups."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    present = base.present(t, w)
    groups_in = present.count().over(ibis.window(group_by="person"))
    both = present.mutate(elsewhere=(groups_in > 1).cast("int64"))
    return base.shares(both.group_by("group").agg(part=both.elsewhere.sum(), whole=both.count()))


METRIC = Metric(
    key="overlap",
    per="group",
    zh="重叠率",
    en="Overlap with other groups",
    definition_zh="窗口结束时的成员中，同时也在其他群里的比例。",
    definition_en="Of those who are members when the window ends, the share who are also in another group.",
    formula="|members in another group| / |members|",
    unit="share",
    better="lower",
    grade="A",
    of=of,
    source="Cunha 2019; 群重叠分析",
    kinds=("member.joined", "member.left"),
    looks_back=EVER,
)
