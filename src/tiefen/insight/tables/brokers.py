"""Brokers: who stands between the circles of a group, and who alone joins a circle here with one elsewhere."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.kernels.brokers import BROKERS
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.tables.group_people import standings
from tiefen.insight.window import Window

SHOWN = 20
"""So many of either kind are told of each group."""
MOST_GROUPS = 20
"""Whoever has ties in more groups is taken for staff or a machine, and joins nothing."""


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    within, between = _within(t, w, made), _between(t, w)
    best = ibis.window(group_by="group", order_by=[ibis.desc("betweenness"), "person"])
    within = within.filter(within.circles >= 2, within.betweenness > 0).mutate(place=ibis.row_number().over(best))
    within = within.filter(within.place < SHOWN).drop("place")
    alone = ibis.window(group_by="group", order_by=[ibis.desc("sole_bridges"), ibis.desc("bridges"), "person"])
    between = between.filter(between.sole_bridges > 0).mutate(place=ibis.row_number().over(alone))
    between = between.filter(between.place < SHOWN).drop("place")
    both = within.outer_join(between, ["group", "person"])
    return both.select(
        "betweenness", "constraint", "circles", "sampled", group=ibis.coalesce(both.group, both.group_right),
        person=ibis.coalesce(both.person, both.person_right), bridges=both.bridges.fill_null(0),
        sole_bridges=both.sole_bridges.fill_null(0),
    )  # fmt: skip


def _within(t: Tables, w: Window, made: Made) -> ir.Table:
    """(group, person, betweenness, constraint, circles, circle, sampled) of everybody with a tie."""
    stand, edges = standings(t, w), t.given("broker_edges", made["group_edges"].select(["group", "a", "b", "weight"]))
    starts = stand.select("group", a=stand.person, a_circle=stand.circle)
    ends = stand.select("group", b=stand.person, b_circle=stand.circle)
    rows = edges.inner_join(starts, ["group", "a"]).inner_join(ends, ["group", "b"])
    rows = rows.select("group", "a", "b", "weight", "a_circle", "b_circle")
    return t.mapped("brokers", rows, BROKERS, BROKERS.gives)


def _between(t: Tables, w: Window) -> ir.Table:
    """(group, person, bridges, sole_bridges): with how many circles of other groups somebody's ties join their circle here,
    and with how many nobody else's do."""
    people = t["person"]
    stand = standings(t, w).anti_join(people.filter(people.staff), "person")
    in_groups = stand.group_by("person").agg(groups=stand.count())
    some = stand.semi_join(in_groups.filter((in_groups.groups >= 2) & (in_groups.groups <= MOST_GROUPS)), "person")
    here = some.select("group", "person", "circle")
    there = some.select("person", other=some.group, other_circle=some.circle)
    joined = here.join(there, "person").filter(ibis._.group != ibis._.other)
    joins = joined.group_by("group", "circle", "other", "other_circle").agg(people=joined.count())
    each = joined.inner_join(joins, ["group", "circle", "other", "other_circle"])
    return each.group_by("group", "person").agg(
        bridges=each.count(), sole_bridges=(each.people == 1).cast("int64").sum()
    )


TABLE = ReadingTable("brokers", "找搭桥的人", "Who stands between circles", of, ("group", "person"))
