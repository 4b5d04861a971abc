"""Every source with its numbers."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.reading_table import Made, ReadingTable, measured
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    return measured(t, w, "source", t["source"].select("source"))


TABLE = ReadingTable("sources", "算渠道的价值", "What sources are worth", of, ("source",))
