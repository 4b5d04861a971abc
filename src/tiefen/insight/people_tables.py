"""The tables of a reading that are about people and sources, and the findings; made after those about groups."""

from __future__ import annotations

from tiefen.insight.reading_table import ReadingTable

PEOPLE_TABLES: tuple[ReadingTable, ...] = ()
