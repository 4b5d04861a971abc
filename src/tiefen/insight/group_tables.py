"""The tables of a reading that are about groups, in the order in which they are made."""

from __future__ import annotations

from tiefen.insight.reading_table import ReadingTable

GROUP_TABLES: tuple[ReadingTable, ...] = ()
