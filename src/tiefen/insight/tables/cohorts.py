"""The standard cohorts: who comes back how long after they began."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.questions.standard import COHORTS
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    return ibis.union(*(asked.of(t, w).mutate(question=ibis.literal(name)) for name, asked in COHORTS.items()))


TABLE = ReadingTable("cohorts", "算留存", "Cohorts and retention", of, ("question", "cohort", "period"))
