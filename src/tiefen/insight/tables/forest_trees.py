"""Every tree of people who brought each other: how large, how deep, how viral, and whether like brought like."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.kernels.forest import Forest, alike_by_tree, forest_of, trees
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    people = made["forest_people"]
    f = forest_of(people)
    found = trees(f)
    alike = alike_by_tree(f, _sources(people))
    last = _last(f)
    return pa.table(
        {
            "root": f.person[found.root], "size": found.size, "depth": found.depth, "widest": found.widest,
            "bringers": found.bringers, "virality": found.virality, "began_us": f.arrived_us[found.root],
            "last_us": last[found.root], "same_source_part": alike.same[found.root],
            "same_source_whole": alike.links[found.root], "same_source_chance": alike.chance[found.root],
        }
    )  # fmt: skip


def _sources(people: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return people["source"].fill_null(-1).to_numpy().astype(np.int64)


def _last(f: Forest) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """When the last of each root's tree came."""
    last = f.arrived_us.copy()
    np.maximum.at(last, f.root, f.arrived_us)
    return last


TABLE = ReadingTable("forest_trees", "量每一棵裂变树", "Referral trees", of)
