"""What a table of a reading is: a name, and how it is made from the tables of a snapshot and those made before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Per
from tiefen.insight.window import Window

Made = Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class ReadingTable:
    """One Parquet file of a reading."""

    name: str
    zh: str
    en: str
    """What progress says while it is being made."""
    of: Callable[[Tables, Window, Made], pa.Table | ir.Table]
    """(tables, window, what was made before) → its rows."""
    sorted_by: tuple[str, ...] = ()


def measured(t: Tables, w: Window, per: Per, base: ir.Table) -> ir.Table:
    """`base` with two columns for each metric about such things: `KEY_part` and `KEY_whole`, null where unknown."""
    from tiefen.insight.catalogue import metrics_per

    rows = t.arrow(base)
    for metric in metrics_per(per):
        numbers = t.arrow(metric.of(t, w))
        at = pc.index_in(rows[per], value_set=numbers[per].combine_chunks())
        for side in ("part", "whole"):
            rows = rows.append_column(f"{metric.key}_{side}", numbers[side].take(at))
    return t.given(f"measured_{per}", rows)
