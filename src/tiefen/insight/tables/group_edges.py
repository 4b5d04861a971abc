"""Who talks with whom in each group, both directions together."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    edges = base.ties(t, w)
    pairs = edges.group_by("group", a=ibis.least(edges.a, edges.b), b=ibis.greatest(edges.a, edges.b))
    return pairs.agg(weight=edges.weight.sum(), guessed=edges.guessed.any())


TABLE = ReadingTable("group_edges", "看谁和谁说话", "Who talks with whom", of, ("group", "a", "b"))
