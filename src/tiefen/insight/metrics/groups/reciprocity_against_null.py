"""互动对等对照随机 Reciprocity against chance."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base, reciprocity
from tiefen.insight.metrics.groups.strangers_by_lot import by_lot
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    found = reciprocity.of(t, w)
    both = found.join(by_lot(t, w), "group")
    both = both.filter(both.returned > 0)
    return base.shares(both.select("group", part=both.part / both.whole, whole=both.returned / both.ties))


METRIC = Metric(
    key="reciprocity_against_null",
    per="group",
    zh="互动对等（对照随机）",
    en="Reciprocity against chance",
    definition_zh="互动对等的比例，除以每人发起和收到的次数不变、对象改为抽签时的期望比例。1 表示和抽签一样，越大说明越是有来有往。抽签也不可能有回应的群不知道。",
    definition_en="The share of ties that are returned, over the share expected if everybody addressed others, and was addressed, as often, but by lot. 1 is as by lot; the higher, the more people answer each other. Unknown where no tie could be returned even by lot.",
    formula="(returned ties / ties) / E[returned ties] · E[ties], given everybody's sent and heard",
    unit="index",
    better="higher",
    grade="B",
    of=of,
    source="Garlaschelli & Loffredo 2004; configuration model: Newman, Strogatz & Watts 2001",
    kinds=("message.posted",),
    looks_back=base.LINK_DAYS,
)
