"""Who is in how many groups."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    each = base.present(t, w).group_by("person").agg(groups_in=ibis._.count())
    return each.group_by("groups_in").agg(persons=each.count())


TABLE = ReadingTable("memberships", "数一人多群", "Who is in how many groups", of, ("groups_in",))
