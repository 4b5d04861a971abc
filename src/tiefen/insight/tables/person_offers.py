"""What to offer everybody who bought: a few goods each, with the reason."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tiefen.insight.engine import Tables
from tiefen.insight.models.next_product.lines import goods_bought
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

SOLD_DAYS = 180
"""A good that nobody bought for so long is not offered."""
_EPOCH = date(1970, 1, 1)
SCHEMA = pa.schema([
    ("person", pa.int64()), ("rank", pa.int64()), ("sku", pa.string()), ("kind", pa.string()), ("by", pa.string()),
    ("score", pa.float64()), ("times", pa.int64()), ("last_on", pa.date32()), ("because", pa.string()),
    ("both", pa.int64()), ("because_buyers", pa.int64()), ("buyers", pa.int64()), ("again_share", pa.float64()),
])  # fmt: skip


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    from tiefen.insight.models.next_product.baskets import baskets
    from tiefen.insight.models.next_product.offers import offers

    lines = t.arrow(goods_bought(t, w).select("person", "sku", "day"))
    if not lines.num_rows:
        return SCHEMA.empty_table()
    people, person = np.unique(lines["person"].to_numpy(), return_inverse=True)
    names, item = _coded(lines["sku"])
    day = lines["day"].cast(pa.int32()).to_numpy().astype(np.int64)
    latest = np.full(len(names), np.iinfo(np.int64).min)
    np.maximum.at(latest, item, day)
    sold_now = latest > (w.end - _EPOCH).days - SOLD_DAYS
    found = offers(baskets(person, item, day, len(people), len(names)), sold_now)
    return _named(found, people, names)


def _coded(column: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """Names in order, and the place of each row's name: the order of rows changes nothing."""
    names = pc.unique(column).sort()
    return names, pc.index_in(column, names).to_numpy().astype(np.int64)


def _named(found: pa.Table, people: np.ndarray, names: pa.Array) -> pa.Table:
    place = found["person"].to_numpy()
    starts = np.flatnonzero(np.append(True, place[1:] != place[:-1])) if len(place) else np.empty(0, np.int64)
    rank = np.arange(len(place)) - np.repeat(starts, np.diff(np.append(starts, len(place)))) + 1
    columns = {
        "person": pa.array(people[place]),
        "rank": pa.array(rank.astype(np.int64)),
        "sku": names.take(found["item"].combine_chunks()),
        "last_on": found["last"].cast(pa.int32()).cast(pa.date32()),
        "because": names.take(found["because"].combine_chunks()),
    }
    return pa.table(
        {name: columns.get(name, found[name] if name in found.column_names else None) for name in SCHEMA.names}
    )


TABLE = ReadingTable("person_offers", "推荐下一件商品", "What people may buy next", of, ("person", "rank"))
