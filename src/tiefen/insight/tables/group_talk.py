"""What kinds of talk there are in every group, in the window and in the one before."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups.talk_base import talk_with_before
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    told = talk_with_before(t, w)
    each = told.group_by("group", "talk").agg(
        messages=told.now.sum().fill_null(0),
        messages_before=(~told.now).sum().fill_null(0),
        people=told.person.nunique(where=told.now),
    )
    everything = ibis.window(group_by="group")
    return each.mutate(
        of=each.messages.sum().over(everything), of_before=each.messages_before.sum().over(everything)
    )  # fmt: skip


TABLE = ReadingTable("group_talk", "看大家在说什么", "What kinds of talk there are", of, ("group", "talk"))
