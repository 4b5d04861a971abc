"""Which groups share members, pair by pair, and whether that is more than chance.

People who work here are left out: whoever owns forty groups makes no two of them alike. Were everybody to choose their
groups by lot, two groups of a and b members out of N people would share ab/N (the mean of the hypergeometric law). Lift is
what they do share over that, with Byar's 95 % bounds for a Poisson count, which are on the wide side for a hypergeometric one.
"""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

Z = 1.96


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    present = guests(t, w)
    other = present.view()
    pairs = present.inner_join(other, [present.person == other.person, present.group < other.group])
    pairs = pairs.select(a=present.group, b=other.group)
    shared = pairs.group_by("a", "b").agg(shared=pairs.count())
    size = present.group_by("group").agg(members=present.count())
    a, b = size.select(a="group", a_members="members"), size.select(b="group", b_members="members")
    everybody = present.agg(population=present.person.nunique())
    both = shared.inner_join(a, "a").inner_join(b, "b").cross_join(everybody)
    expected = both.a_members.cast("float64") * both.b_members / both.population
    low, high = _bounds(both.shared.cast("float64"))
    return both.select(
        "a", "b", "shared", "a_members", "b_members", "population", expected=expected, lift_low=low / expected,
        lift_high=high / expected,
    )  # fmt: skip


def guests(t: Tables, w: Window) -> ir.Table:
    """(group, person): who is a member when the window is over and does not work here."""
    staff = t["person"].filter(t["person"].staff).select("person")
    return base.present(t, w).anti_join(staff, "person")


def _bounds(count: ir.FloatingValue) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    """Between which means a count of Poisson's law is no surprise (Byar's approximation); `count` is at least one."""
    more = count + 1.0
    low = count * (1.0 - 1.0 / (9.0 * count) - Z / (3.0 * count.sqrt())) ** 3
    high = more * (1.0 - 1.0 / (9.0 * more) + Z / (3.0 * more.sqrt())) ** 3
    return ibis.greatest(low, 0.0), high


TABLE = ReadingTable("group_overlap", "比对群的重叠", "Which groups overlap", of, ("a", "b"))
