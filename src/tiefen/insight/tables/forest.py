"""The referral forest in one row: K with its interval, cycle time, depth, and whether like brings like."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.kernels.forest import Forest, alike_by_tree, forest_of, k_factor, trees
from tiefen.insight.metrics.persons import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US

WITHIN_DAYS = 90
_EACH = 1_000_003
"""Links are paired with others so far along to see how often tags are shared by chance."""
_SCHEMA = pa.schema(
    [
        ("people", pa.int64()), ("brought", pa.int64()), ("bringers", pa.int64()), ("trees", pa.int64()),
        ("deepest", pa.int64()), ("virality", pa.float64()), ("in_trees", pa.int64()),
        ("k", pa.float64()), ("k_low", pa.float64()), ("k_high", pa.float64()), ("k_by", pa.string()),
        ("k_why", pa.string()), ("exposure", pa.float64()), ("dispersion", pa.float64()),
        ("k_within", pa.float64()), ("within_days", pa.int64()),
        ("cycle_days", pa.float64()), ("cycle_days_seen", pa.float64()),
        ("same_source_part", pa.int64()), ("same_source_whole", pa.int64()), ("same_source_chance", pa.float64()),
        ("same_tag_part", pa.int64()), ("same_tag_whole", pa.int64()), ("same_tag_chance", pa.float64()),
    ]
)  # fmt: skip


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    people = made["forest_people"]
    f = forest_of(people)
    k = k_factor(f, t.end_us(w), WITHIN_DAYS)
    found = trees(f)
    alike = alike_by_tree(f, people["source"].fill_null(-1).to_numpy().astype(np.int64))
    brought = np.flatnonzero(f.parent >= 0)
    # Where nobody is known to have brought anybody, nobody knows whether who invited whom was told to us at all.
    told = k.brought > 0
    delays = (f.arrived_us[brought] - f.arrived_us[f.parent[brought]]) / DAY_US
    size = found.size.astype(np.float64)
    row: dict[str, Any] = {
        "people": k.people, "brought": k.brought, "bringers": int((f.children > 0).sum()), "trees": len(found.root),
        "deepest": int(f.depth.max(initial=0)), "in_trees": int(found.size.sum()),
        "virality": float(found.virality @ size / size.sum()) if len(size) else None,
        "k": k.k if told else None, "k_low": k.low if told else None, "k_high": k.high if told else None, "k_by": k.by, "k_why": k.why, "exposure": k.exposure,
        "dispersion": k.dispersion, "k_within": k.within if told else None, "within_days": k.within_days,
        "cycle_days": None if k.delays is None else k.delays.quantile(0.5),
        "cycle_days_seen": float(np.median(delays)) if len(delays) else None,
        "same_source_part": int(alike.same.sum()), "same_source_whole": int(alike.links.sum()),
        "same_source_chance": float(alike.chance.sum()),
        **_tags(f, t.arrow(_tagged(t, w))),
    }  # fmt: skip
    return pa.Table.from_pylist([row], schema=_SCHEMA)


def _tagged(t: Tables, w: Window) -> ir.Table:
    """(person, tag): tags that were put and are not known to have been removed since."""
    put, removed = t.until(t["tag_put"], w), t.until(t["tag_removed"], w)
    put = put.group_by("person", "tag").agg(put_us=put.happened_us.max())
    removed = removed.group_by("person", "tag").agg(removed_us=removed.happened_us.max())
    both = put.left_join(removed, ["person", "tag"])
    here = both.filter(both.removed_us.isnull() | (both.removed_us < both.put_us))
    return here.select("person", "tag").semi_join(base.counted(t, w), "person")


def _tags(f: Forest, tagged: pa.Table) -> dict[str, Any]:
    """Of links of two people with tags: how many share one, and how many would, were they paired at random."""
    nothing = {"same_tag_part": 0, "same_tag_whole": 0, "same_tag_chance": None}
    if not tagged.num_rows or not len(f):
        return nothing
    tag = tagged["tag"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    order = np.argsort(f.person)
    at = np.minimum(np.searchsorted(f.person, tagged["person"].to_numpy(), sorter=order), len(f) - 1)
    who = order[at]
    inside = f.person[who] == tagged["person"].to_numpy()
    has = np.unique(who[inside] * (int(tag.max()) + 1) + tag[inside])
    owners = has // (int(tag.max()) + 1)
    some = np.isin(np.arange(len(f)), owners)
    child = np.flatnonzero(f.parent >= 0)
    child = child[some[child] & some[f.parent[child]]]
    if not len(child):
        return nothing
    up = f.parent[child]
    others = np.roll(up, _EACH % len(up) or 1)
    return {
        "same_tag_part": _share(child, up, has, owners, int(tag.max()) + 1), "same_tag_whole": len(child),
        "same_tag_chance": float(_share(child, others, has, owners, int(tag.max()) + 1)),
    }  # fmt: skip


def _share(a: NDArray[np.int64], b: NDArray[np.int64], has: Any, owners: Any, tags: int) -> int:
    """How many pairs have a tag in common."""
    first, last = np.searchsorted(owners, a, "left"), np.searchsorted(owners, a, "right")
    many = last - first
    pair = np.repeat(np.arange(len(a)), many)
    mine = has[np.repeat(first - np.cumsum(many) + many, many) + np.arange(many.sum())] % tags
    wanted = b[pair] * tags + mine
    place = np.minimum(np.searchsorted(has, wanted), len(has) - 1)
    return len(np.unique(pair[has[place] == wanted]))


TABLE = ReadingTable("forest", "算裂变系数", "The referral forest", of)
