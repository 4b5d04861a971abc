"""Who is in which fraud ring, and to how many of it they are tied."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    rings = made["rings"]
    sizes = rings["size"].to_numpy().astype(np.int64)
    return pa.table(
        {
            "ring": pa.array(np.repeat(rings["ring"].to_numpy(), sizes), pa.int64()),
            "person": rings["people"].combine_chunks().flatten(),
            "ties": rings["ties"].combine_chunks().flatten(),
        }
    )


TABLE = ReadingTable("ring_people", "记下团伙里的人", "Who is in fraud rings", of, ("ring", "person"))
