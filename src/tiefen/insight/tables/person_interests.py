"""What everybody is drawn to, with the signs of it."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.models.interests import interests
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    return interests(t, w)


TABLE = ReadingTable("person_interests", "看每个人的兴趣", "What people are drawn to", of, ("person", "rank"))
