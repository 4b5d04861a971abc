"""Who complained, and when: every message of the window and of the one before it whose talk is a complaint. Numbers only."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metrics.groups.talk_base import talk_with_before
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    told = talk_with_before(t, w)
    return told.filter(told.talk == "complaint").select("seq", "group", "person", "happened_us")


TABLE = ReadingTable("complaints", "记下谁抱怨过", "Who complained", of, ("person", "seq"))
