"""Who of those who joined is still here some days after."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US


def retention(t: Tables, w: Window, days: int) -> ir.Table:
    """(group, part, whole): of the joins of the last `base.JOIN_DAYS` days that are `days` old, those that lasted so long."""
    joins = base.joins(t, w, days)
    lasted = joins.left_us.isnull() | (joins.left_us >= joins.joined_us + days * DAY_US)
    return base.shares(joins.group_by("group").agg(part=lasted.sum(), whole=joins.count()))
