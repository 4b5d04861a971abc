"""What a table of a reading is: a name, and how it is made from the tables of a snapshot and those made before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa

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

    for metric in metrics_per(per):
        numbers = t.arrow(metric.of(t, w))
        numbers = numbers.rename_columns([n if n == per else f"{metric.key}_{n}" for n in numbers.column_names])
        base = base.left_join(t.given(f"{per}_{metric.key}", numbers), per).drop(f"{per}_right")
    return base
