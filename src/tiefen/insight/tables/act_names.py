"""What events, pages, links, codes and entrances are called, for whoever puts a question together: the commonest of each."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.questions.acts import names_of
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

MOST = 100


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    named = names_of(t, w)
    counted = named.group_by("what", "name").agg(people=named.person.nunique())
    best = ibis.window(group_by="what", order_by=[counted.people.desc(), counted.name])
    ranked = counted.mutate(place=ibis.row_number().over(best))
    return ranked.filter(ranked.place < MOST).select("what", "name", "people")


TABLE = ReadingTable("act_names", "记下事件的名字", "What events are called", of, ("what", "name"))
