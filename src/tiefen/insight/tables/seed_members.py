"""Those who came first to a group beside those who came later."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.models.seeds import seed_members
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    return seed_members(t, w)


TABLE = ReadingTable("seed_members", "比较种子用户与其他人", "Seed members beside the rest", of, ("group", "seed"))
