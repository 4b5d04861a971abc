"""The generations of the referral forest: how many they are, and whom each brought."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.kernels.forest import forest_of
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    f = forest_of(made["forest_people"])
    last = int(f.depth.max(initial=0))
    delay = (f.arrived_us - np.where(f.parent >= 0, f.arrived_us[f.parent] if len(f) else 0, 0)) / DAY_US
    rows = []
    for depth in range(last + 1 if len(f) else 0):
        here = f.depth == depth
        waits = delay[here & (f.parent >= 0)]
        rows.append(
            {
                "generation": depth, "people": int(here.sum()), "bringers": int((f.children[here] > 0).sum()),
                "brought": int(f.children[here].sum()), "delay_days": float(np.median(waits)) if len(waits) else None,
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


_SCHEMA = pa.schema(
    [
        ("generation", pa.int64()), ("people", pa.int64()), ("bringers", pa.int64()), ("brought", pa.int64()),
        ("delay_days", pa.float64()),
    ]
)  # fmt: skip

TABLE = ReadingTable("forest_generations", "数裂变的每一代", "Generations of the forest", of, ("generation",))
