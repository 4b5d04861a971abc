"""What a group's ties would be if everybody addressed others as often as they do and were addressed as often as they are,
but whom they address were drawn by lot.

The expectation under that null (a directed configuration model: Newman, Strogatz and Watts 2001; Chung and Lu 2002): a
addresses b k·(a's sent)·(b's heard) times on average, Poisson, where k sees to it that all add up without anybody addressing
themselves. People with the same two numbers are one row, so that a group of fifty thousand is some hundreds of rows. (Drawing
simple graphs with the same degrees would say nothing here: they all have as many acquainted pairs as the group itself.)
"""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def by_lot(t: Tables, w: Window) -> ir.Table:
    """(group, acquainted, ties, returned): pairs acquainted, directed ties, and those of them that are returned, as expected
    by lot."""
    return t.kept(f"by_lot_{w.end:%Y%m%d}", lambda: _by_lot(t, w))


def _by_lot(t: Tables, w: Window) -> ir.Table:
    edges = base.edges(t, w)
    sent = edges.group_by("group", person=edges.a).agg(sent=edges.weight.sum(), heard=ibis.literal(0, "int64"))
    heard = edges.group_by("group", person=edges.b).agg(sent=ibis.literal(0, "int64"), heard=edges.weight.sum())
    both = sent.union(heard)
    people = both.group_by("group", "person").agg(
        sent=both.sent.sum().cast("float64"), heard=both.heard.sum().cast("float64")
    )
    alike = people.group_by("group", "sent", "heard").agg(count=people.count().cast("float64"))
    total = people.group_by("group").agg(
        all=people.sent.sum(), alone=(people.sent * people.heard).sum() / people.sent.sum()
    )
    rows = alike.join(total, "group")
    rows = rows.select("group", "sent", "heard", "count", k=1.0 / (rows.all - rows.alone))
    others = alike.select("group", their_sent=alike.sent, their_heard=alike.heard, their_count=alike["count"])
    pairs = rows.join(others, "group")
    same = (pairs.sent == pairs.their_sent) & (pairs.heard == pairs.their_heard)
    many = pairs["count"] * pairs.their_count - ibis.ifelse(same, pairs["count"], 0.0)
    to = -pairs.k * pairs.sent * pairs.their_heard
    back = -pairs.k * pairs.their_sent * pairs.heard
    drawn = pairs.select(
        "group",
        acquainted=many * (1.0 - (to + back).exp()) / 2.0,
        ties=many * (1.0 - to.exp()),
        returned=many * (1.0 - to.exp()) * (1.0 - back.exp()),
    )
    return drawn.group_by("group").agg(
        acquainted=drawn.acquainted.sum(), ties=drawn.ties.sum(), returned=drawn.returned.sum()
    )
