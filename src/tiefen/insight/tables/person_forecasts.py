"""What everybody who ever ordered is expected to order and to pay, and whether their silence is usual for them."""

from __future__ import annotations

import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.models.purchases.outlook import outlook
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    return outlook(t, w).people


TABLE = ReadingTable("person_forecasts", "预测每个人的复购", "What people are expected to order", of, ("person",))
