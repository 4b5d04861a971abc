"""拥挤度 Share of talk time above what people can follow."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window
from tiefen.kit.clock import SECOND_US

SLOT_US = 20 * 60 * SECOND_US
CAPACITY = 40
"""So many people can hold one conversation in a chat: above, each says less or leaves (Jones et al. 2008, IRC)."""


def of(t: Tables, w: Window) -> ir.Table:
    some = slots(t, w)
    return base.shares(some.group_by("group").agg(part=(some.posters > CAPACITY).sum(), whole=some.count()))


def slots(t: Tables, w: Window) -> ir.Table:
    """(group, slot, posters): how many different people spoke in each twenty minutes in which anybody did."""

    def make() -> ir.Table:
        some = base.said(t, w).select("group", "person", slot=ibis._.happened_us // SLOT_US)
        return some.group_by("group", "slot").agg(posters=some.person.nunique())

    return t.kept(f"slots_{w.start:%Y%m%d}_{w.end:%Y%m%d}", make)


METRIC = Metric(
    key="crowding",
    per="group",
    zh="拥挤度",
    en="Crowding",
    definition_zh="窗口内有人说话的每二十分钟里，发言人数超过 40 的占多少。",
    definition_en="Of the twenty-minute stretches of the window in which anybody spoke, the share in which more than 40 people did.",
    formula="#{slots: posters > 40} / #{slots with talk}",
    unit="share",
    better="lower",
    grade="B",
    of=of,
    source="Jones, Moldovan, Raban & Butler 2008: about 40 posters in 20 minutes are the capacity of a chat channel",
    kinds=("message.posted",),
)
