"""Who brought whom into the groups: everybody with whom they came by, whom they brought, and their place in the tree."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.kernels.forest import NOBODY, forest
from tiefen.insight.metrics.persons import base
from tiefen.insight.metrics.sources.base import arrivals
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    rows = t.arrow(_came(t, w))
    person, inviter, came_us = (rows[name].to_numpy() for name in ("person", "inviter", "came_us"))
    f = forest(person, inviter, came_us)
    where = np.searchsorted(person, f.person, sorter=np.argsort(person))
    source = rows["source"].take(pa.array(np.argsort(person)[where] if len(person) else where))
    brought = f.parent >= 0
    parent = np.where(brought, f.person[f.parent] if len(f) else f.parent, NOBODY)
    return pa.table(
        {
            "person": f.person, "parent": pa.array(parent, mask=~brought), "root": f.person[f.root] if len(f) else f.root,
            "depth": f.depth, "children": f.children, "below": f.below, "came_us": f.arrived_us, "source": source,
        }
    )  # fmt: skip


def _came(t: Tables, w: Window) -> ir.Table:
    """(person, inviter, came_us, source): everybody's first membership, and who invited them to it, −1 for nobody known."""
    stay, counted = t["stay"], base.counted(t, w)
    stays = stay.filter(stay.joined_at < t.ends(w)).semi_join(counted, "person")
    first = ibis.window(group_by="person", order_by=["joined_at", "stay_id"])
    stays = stays.mutate(place=ibis.row_number().over(first)).filter(ibis._.place == 0)
    stays = stays.select(
        "person",
        came_us=stays.joined_us,
        by=stays.join_known.ifelse(stays.invited_by, ibis.null("int64")),
    )
    known = counted.select(inviter="person")
    stays = stays.left_join(known, stays.by == known.inviter).drop("by")
    both = stays.left_join(arrivals(t, w).select("person", "source"), "person")
    return both.select("person", "came_us", "source", inviter=both.inviter.fill_null(NOBODY))


TABLE = ReadingTable("forest_people", "看谁带来了谁", "Who brought whom", of, ("came_us", "person"))
