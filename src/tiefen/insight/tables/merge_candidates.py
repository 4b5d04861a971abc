"""可合并的群 — pairs of groups that might be one, and what that one would look like.

A pair is listed where it shares more than chance and either half of the smaller group is in the larger one as well, or a
third of both together; groups that were dismissed are not. `keeper` is the one with more talk per head, and where nothing
is known of talk the larger one. It is a list to choose from; nothing is merged by it.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.tables.group_overlap import guests
from tiefen.insight.window import Window

CAP = 500
"""So many people may be in one group."""
LEAST_SHARED, LEAST_OF_SMALLER, LEAST_JACCARD = 5, 0.5, 1 / 3
MOST = 2_000


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    pairs = t.given("merge_pairs", _near(made["group_overlap"]))
    groups = t.given("merge_groups", made["groups"])
    known = groups.filter(groups.dismissed_at.isnull()).select("group", "stage", messages=groups.messages_part)
    for side in ("a", "b"):
        own = known.select(**{side: "group", f"{side}_stage": "stage", f"{side}_messages": "messages"})
        pairs = pairs.inner_join(own, side)
    merged = pairs.a_members + pairs.b_members - pairs.shared
    pairs = pairs.mutate(merged=merged, fits=merged <= CAP, cap=ibis.literal(CAP, "int64"))
    pairs = pairs.left_join(_speakers(t, w, pairs), ["a", "b"]).drop("a_right", "b_right")
    a_talk, b_talk = pairs.a_messages / pairs.a_members, pairs.b_messages / pairs.b_members
    by_talk = ibis.ifelse(a_talk >= b_talk, pairs.a, pairs.b)
    by_size = ibis.ifelse(pairs.a_members >= pairs.b_members, pairs.a, pairs.b)
    heard = pairs.a_messages.notnull() & pairs.b_messages.notnull()
    return pairs.mutate(
        keeper=ibis.ifelse(heard, by_talk, by_size),
        messages=ibis.ifelse(heard, pairs.a_messages + pairs.b_messages, ibis.null("float64")),
        speakers=ibis.ifelse(heard, pairs.speakers.fill_null(0), ibis.null("int64")),
    )


def _near(pairs: pa.Table) -> pa.Table:
    shared = pc.cast(pairs["shared"], pa.float64())
    smaller = pc.min_element_wise(pairs["a_members"], pairs["b_members"])
    either = pc.subtract(pc.add(pairs["a_members"], pairs["b_members"]), pairs["shared"])
    of_smaller, jaccard = pc.divide(shared, smaller), pc.divide(shared, either)
    near = pc.or_(pc.greater_equal(of_smaller, LEAST_OF_SMALLER), pc.greater_equal(jaccard, LEAST_JACCARD))
    more = pc.and_(pc.greater(pairs["lift_low"], 1.0), pc.greater_equal(pairs["shared"], LEAST_SHARED))
    found = pairs.append_column("jaccard", jaccard).append_column("of_smaller", of_smaller).filter(pc.and_(near, more))
    order = [("jaccard", "descending"), ("shared", "descending"), ("a", "ascending"), ("b", "ascending")]
    chosen = found.sort_by(order).slice(0, MOST)
    return chosen.select(["a", "b", "shared", "a_members", "b_members", "jaccard", "of_smaller", "lift_low"])


def _speakers(t: Tables, w: Window, pairs: ir.Table) -> ir.Table:
    """(a, b, speakers): how many different people spoke in either group within the window, staff and bots aside."""
    spoke = base.said(t, w).select("group", "person").distinct()
    spoke = spoke.semi_join(guests(t, w), ["group", "person"])
    both = pairs.select("a", "b", group="a").union(pairs.select("a", "b", group="b"))
    joined = both.inner_join(spoke, "group")
    return joined.group_by("a", "b").agg(speakers=joined.person.nunique())


TABLE = ReadingTable("merge_candidates", "找可合并的群", "Which groups might be one", of, ("a", "b"))
