"""入群人次 Joined."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    stay = t.within(t["stay"].mutate(happened_at=ibis._.joined_at), w)
    joins = stay.filter(stay.join_known).group_by("group").agg(part=ibis._.count())
    return base.counted(base.watched_groups(t, w), joins)


METRIC = Metric(
    key="joined",
    per="group",
    zh="入群人次",
    en="Joined",
    definition_zh="窗口内入群的人次（只算有记录的，不含由发言推断的）。没有进出记录的群不知道。",
    definition_en="How often somebody joined within the window, where joins are told to us; joins guessed from who speaks do not count.",
    formula="#joins",
    unit="count",
    better="higher",
    grade="A",
    of=of,
    source="WeCom group statistics (new_member_cnt)",
    kinds=("member.joined",),
)
