"""The standard funnels: who takes which step."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.questions.standard import FUNNELS
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    return ibis.union(*(asked.of(t, w).mutate(question=ibis.literal(name)) for name, asked in FUNNELS.items()))


TABLE = ReadingTable("funnels", "算漏斗", "Funnels", of, ("question", "step"))
