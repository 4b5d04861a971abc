"""产品阶梯 — from what draws people in to what earns: which rung each good is on, who climbs, and where the ladder leaks.

A company says which goods or prices make a rung. Where it has not, prices speak for themselves: the goods are put into at most three
bands by the logarithm of their price, weighted by buyers, so that the spread within the bands is the least possible (the exact solution
for one dimension: Wang and Song 2011, The R Journal 3(2), Ckmeans.1d.dp). Bands less than `APART` times apart are one.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.models.next_product.lines import goods_bought
from tiefen.insight.window import Window

DAYS = 90
"""So long somebody has to buy something of a higher rung; who began later is not judged yet."""
MOST_RUNGS = 6
BANDS, APART = 3, 2.0
GOODS = pa.schema([("sku", pa.string()), ("rung", pa.int64()), ("price_fen", pa.int64())])


def rungs_of_goods(t: Tables, w: Window) -> ir.Table:
    """(sku, rung, price_fen): every good that was bought, at its usual price. Goods on no rung have none."""

    def make() -> ir.Table:
        some = goods_bought(t, w)
        each = some.mutate(price=some.fen / some.qty)
        told = t.arrow(each.group_by("sku").agg(price=each.price.median(), buyers=each.person.nunique()))
        told = told.sort_by("sku")
        return t.given("rungs_of_goods", _placed(told, t.arrow(t["offer"])))

    return t.kept("good_rung", make)


def _placed(goods: pa.Table, said: pa.Table) -> pa.Table:
    price = np.rint(goods["price"].to_numpy()).astype(np.int64)
    if not said.num_rows:
        rung: pa.Array = pa.array(bands(price, goods["buyers"].to_numpy().astype(np.float64)), pa.int64())
    else:
        named = {row["sku"]: row["rung"] for row in said.to_pylist() if row["sku"] is not None}
        ranges = [row for row in said.to_pylist() if row["sku"] is None]
        rung = pa.array(
            [
                named.get(sku) or next((r["rung"] for r in ranges if _within(fen, r["from_fen"], r["to_fen"])), None)
                for sku, fen in zip(goods["sku"].to_pylist(), price.tolist(), strict=True)
            ],
            pa.int64(),
        )
    return pa.table({"sku": goods["sku"].combine_chunks(), "rung": rung, "price_fen": pa.array(price)}).cast(GOODS)


def _within(fen: int, start: int | None, end: int | None) -> bool:
    return (start is not None or end is not None) and (start or 0) <= fen and (end is None or fen <= end)


def bands(price_fen: npt.NDArray[np.int64], buyers: npt.NDArray[np.float64]) -> list[int | None]:
    """The band of each price, 1 for the lowest; None for what costs nothing."""
    paid = price_fen > 0
    if not paid.any():
        return [None] * len(price_fen)
    values, place = np.unique(price_fen[paid], return_inverse=True)
    logs: npt.NDArray[np.float64] = np.log(values.astype(np.float64))
    weights = np.bincount(place, buyers[paid]).astype(np.float64)
    starts = _parted(logs, weights, min(BANDS, len(values)))
    band = np.searchsorted(starts, np.arange(len(values)), side="right")
    found: list[int | None] = [None] * len(price_fen)
    for at, number in zip(np.flatnonzero(paid), band[place], strict=True):
        found[at] = int(number)
    return found


def _parted(x: npt.NDArray[np.float64], weight: npt.NDArray[np.float64], k: int) -> npt.NDArray[np.int64]:
    """Where each of at most `k` parts of sorted values begins, so that the weighted squares within the parts are least."""
    n = len(x)
    w, wx, wxx = (np.concatenate([[0.0], np.cumsum(weight * x**power)]) for power in (0, 1, 2))
    cost = np.full((k + 1, n + 1), np.inf)
    begin = np.zeros((k + 1, n + 1), np.int64)
    cost[0, 0] = 0.0
    for parts in range(1, k + 1):
        for end in range(parts, n + 1):
            i = np.arange(parts - 1, end)
            within = (wxx[end] - wxx[i]) - (wx[end] - wx[i]) ** 2 / np.maximum(w[end] - w[i], 1e-12)
            total = cost[parts - 1, i] + within
            best = int(np.argmin(total))
            cost[parts, end], begin[parts, end] = total[best], i[best]
    starts = [n]
    for parts in range(k, 0, -1):
        starts.insert(0, int(begin[parts, starts[0]]))
    centres = [(wx[b] - wx[a]) / (w[b] - w[a]) for a, b in pairwise(starts)]
    kept = [0]
    for part in range(1, k):
        if centres[part] - centres[part - 1] >= np.log(APART):
            kept.append(starts[part])
    return np.array(kept)


def climbs(t: Tables, w: Window) -> ir.Table:
    """(person, sku, rung, fen, days, judged, moved): the first time somebody bought each good, unless they had bought something of a higher
    rung before or on that day. `days` until they first did; `moved` where that was within `DAYS`, `judged` where `DAYS` have passed."""
    bought = goods_bought(t, w).inner_join(rungs_of_goods(t, w), "sku")
    bought = bought.filter(bought.rung.notnull())
    firsts = bought.group_by("person", "sku", "rung").agg(day=bought.day.min(), fen=bought.fen.sum().cast("int64"))
    rungs = bought.group_by("person", "rung").agg(on=bought.day.min())
    rungs = rungs.select("person", their_rung="rung", their_first="on")
    both = firsts.left_join(rungs, ["person", rungs.their_rung > firsts.rung])
    first = both.group_by("person", "sku", "rung", "day", "fen").agg(higher_on=both.their_first.min())
    rows = first.filter(first.higher_on.isnull() | (first.higher_on > first.day))
    days = (rows.higher_on - rows.day).cast("int64")
    return rows.select(
        "person", "sku", "rung", "fen", days=days, judged=(ibis.literal(w.end) - rows.day).cast("int64") >= DAYS,
        moved=(days <= DAYS).fill_null(False),
    )  # fmt: skip


def standing(t: Tables, w: Window) -> ir.Table:
    """(person, offer_rung): the highest rung that somebody ever bought from."""
    bought = goods_bought(t, w).inner_join(rungs_of_goods(t, w), "sku")
    bought = bought.filter(bought.rung.notnull())
    return bought.group_by("person").agg(offer_rung=bought.rung.max())
