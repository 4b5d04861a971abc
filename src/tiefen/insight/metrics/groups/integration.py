"""Whether those who join find somebody to talk with."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US

TIES = 2
"""So many different people make somebody part of a group."""


def integration(t: Tables, w: Window, days: int) -> ir.Table:
    """(group, part, whole): of the joins of the last `base.JOIN_DAYS` days that are `days` old, those with `TIES` ties by
    then. Of groups in which nobody addresses anybody nothing is known."""
    joins = newcomers(t, w, days)
    tied = joins.group_by("group", "stay_id").agg(ties=joins.other.nunique())
    return base.shares(tied.group_by("group").agg(part=(tied.ties >= TIES).cast("int64").sum(), whole=tied.count()))


def newcomers(t: Tables, w: Window, days: int) -> ir.Table:
    """(group, stay_id, other, waited_us): joins at least `days` days old, one row for each tie within that time of coming;
    `other` is null for whoever had none."""
    links, joins = base.links(t, w), base.joins(t, w, days)
    joins = joins.semi_join(links, "group").select("group", "stay_id", "person", "joined_us")
    to = links.select("group", "happened_us", person=links.a, other=links.b)
    ties = to.union(links.select("group", "happened_us", person=links.b, other=links.a))
    met = joins.join(ties, ["group", "person"])
    met = met.filter(met.happened_us >= met.joined_us, met.happened_us < met.joined_us + days * DAY_US)
    met = met.group_by("stay_id", "other").agg(waited_us=(met.happened_us - met.joined_us).min())
    return joins.left_join(met, "stay_id").select("group", "stay_id", "other", "waited_us")
