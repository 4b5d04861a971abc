"""The models behind the forecasts: their parameters, whether they spoke, and how right they were on the last stretch."""

from __future__ import annotations

import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.models.purchases.outlook import outlook
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    return outlook(t, w).models


TABLE = ReadingTable("person_models", "检验复购模型", "How right the forecasts were", of)
