"""The curve of every group: members, comings, goings and talk, day by day."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

_NUMBERS = ("came", "went", "joined", "left", "messages", "speakers")


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    speech, stay, end = base.speech(t, w), t["stay"], t.ends(w)
    talk = speech.group_by("group", "day").agg(messages=speech.messages.sum(), speakers=speech.count())
    comings = stay.filter(stay.joined_at < end).group_by("group", day=stay.joined_on)
    comings = comings.agg(came=ibis._.count(), joined=ibis._.join_known.sum())
    goings = stay.filter(stay.left_at < end).group_by("group", day=stay.left_on)
    goings = goings.agg(went=ibis._.count(), left=ibis._.left_known.sum())
    together = ibis.union(*(_with_all(table) for table in (talk, comings, goings)))
    days = together.group_by("group", "day").agg(**{name: together[name].sum() for name in _NUMBERS})
    so_far = ibis.window(group_by="group", order_by="day", preceding=None, following=0)
    members = (days.came - days.went).sum().over(so_far)
    return days.mutate(members=members).select("group", "day", "members", "joined", "left", "messages", "speakers")


def _with_all(table: ir.Table) -> ir.Table:
    def number(name: str) -> ir.IntegerValue:
        return table[name].cast("int64") if name in table.columns else ibis.literal(0, "int64")

    return table.select("group", "day", **{name: number(name) for name in _NUMBERS})


TABLE = ReadingTable("group_days", "算每个群的曲线", "The curve of every group", of, ("group", "day"))
