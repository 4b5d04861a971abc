"""Who of those who joined is still here some days after."""

from __future__ import annotations

from datetime import timedelta

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US, from_us


def retention(t: Tables, w: Window, days: int) -> ir.Table:
    """(group, part, whole): of the joins of the last `base.JOIN_DAYS` days that are `days` old, those that lasted so long."""
    end = t.end_us(w)
    first, last = from_us(end - base.JOIN_DAYS * DAY_US), from_us(end - days * DAY_US)
    stay = t["stay"]
    joins = stay.filter(stay.join_known, stay.joined_at >= ibis.literal(first), stay.joined_at < ibis.literal(last))
    lasted = joins.left_at.isnull() | (joins.left_at >= joins.joined_at + ibis.interval(timedelta(days=days)))
    return base.shares(joins.group_by("group").agg(part=lasted.sum(), whole=joins.count()))
