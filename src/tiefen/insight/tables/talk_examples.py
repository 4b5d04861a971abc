"""Messages to look at and to mark: of every class in every group those that are surest and those that are least sure.

Only their numbers are kept. Their words are looked up when somebody looks, so that what was erased is not there.
"""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups.talk_base import talk
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

UNSURE, SURE = 3, 2


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    told = talk(t, w)
    low = ibis.window(group_by=["group", "talk"], order_by=[told.margin, told.seq])
    high = ibis.window(group_by=["group", "talk"], order_by=[told.margin.desc(), told.seq])
    placed = told.mutate(low=ibis.row_number().over(low), high=ibis.row_number().over(high))
    some = placed.filter((placed.low < UNSURE) | (placed.high < SURE))
    return some.select("group", "talk", "seq", "happened_us", "margin", unsure=some.low < UNSURE)


TABLE = ReadingTable("talk_examples", "挑出值得标记的消息", "Messages worth marking", of, ("talk", "margin", "seq"))
