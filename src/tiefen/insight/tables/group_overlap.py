"""Which groups share members, pair by pair."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    present = base.present(t, w)
    other = present.view()
    pairs = present.inner_join(other, [present.person == other.person, present.group < other.group])
    pairs = pairs.select(a=present.group, b=other.group)
    shared = pairs.group_by("a", "b").agg(shared=pairs.count())
    size = present.group_by("group").agg(members=present.count())
    a, b = size.select(a="group", a_members="members"), size.select(b="group", b_members="members")
    both = shared.inner_join(a, "a").inner_join(b, "b")
    return both.select("a", "b", "shared", "a_members", "b_members")


TABLE = ReadingTable("group_overlap", "比对群的重叠", "Which groups overlap", of, ("a", "b"))
