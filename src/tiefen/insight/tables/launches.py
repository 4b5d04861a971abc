"""Launches found in the orders: when each began, peaked and ended, what it sold, above what is usual, and who announced it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.kernels.launches import Burst, bursts, together, usual
from tiefen.insight.metrics.persons import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

DAYS = 731
"""How far back it is looked."""
MOST_PRODUCTS, TOLD_PRODUCTS = 300, 12
BEFORE = 3
"""Days before a launch on which it may already be announced."""
SHOWN_BEFORE, SHOWN_AFTER = 14, 10
_SCHEMA = pa.schema(
    [
        ("launch", pa.int64()), ("start", pa.date32()), ("peak", pa.date32()), ("end", pa.date32()), ("z", pa.float64()),
        ("orders", pa.int64()), ("expected", pa.float64()), ("amount_fen", pa.int64()), ("expected_fen", pa.float64()),
        ("buyers", pa.int64()), ("new_buyers", pa.int64()), ("announcements", pa.int64()),
        ("announcements_expected", pa.float64()), ("touches", pa.int64()), ("products", pa.string()), ("days", pa.string()),
    ]
)  # fmt: skip
Floats = NDArray[np.float64]


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    orders = t.arrow(orders_of(t, w).group_by("day").agg(orders=ibis._.count(), fen=ibis._.amount_fen.sum()))
    if not orders.num_rows:
        return _SCHEMA.empty_table()
    days = [day.toordinal() for day in orders["day"].to_pylist()]
    first = min(days)
    length = w.end.toordinal() - first + 1
    counts, fen = (_dense(days, orders[name].to_numpy(), first, length) for name in ("orders", "fen"))
    products = _products(t, w, first, length)
    found = together([*bursts(counts), *(burst for series in products.values() for burst in bursts(series))])
    talk = _announcements(t, w, first, length)
    rows = [
        _row(t, w, number, burst, first, counts, fen, products, talk) for number, burst in enumerate(found, 1)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def orders_of(t: Tables, w: Window) -> ir.Table:
    """(order, person, day, happened_us, amount_fen): every order, once, on the day of its first payment."""
    paid = t.within(t["order_paid"], w.last(DAYS))
    return paid.group_by("order").agg(
        person=paid.person.min(),
        day=paid.day.min(),
        happened_us=paid.happened_us.min(),
        amount_fen=paid.amount_fen.sum(),
    )


def _products(t: Tables, w: Window, first: int, length: int) -> dict[str, Floats]:
    """Daily orders of each product, the commonest ones."""
    paid = t.within(t["order_paid"], w.last(DAYS))
    lines = paid.filter(paid.lines.length() > 0).select("order", "day", line=paid.lines.unnest())
    lines = lines.select("order", "day", sku=lines.line.sku).distinct()
    daily = lines.group_by("sku", "day").agg(orders=lines.count())
    whole = lines.group_by("sku").agg(all=lines.count())
    best = ibis.window(order_by=[whole["all"].desc(), whole.sku])
    whole = whole.mutate(place=ibis.row_number().over(best)).filter(ibis._.place < MOST_PRODUCTS)
    rows = t.arrow(daily.semi_join(whole, "sku")).sort_by("sku")
    series: dict[str, Floats] = {}
    for sku, day, orders in zip(*(rows[name].to_pylist() for name in ("sku", "day", "orders")), strict=True):
        series.setdefault(sku, np.zeros(length))[day.toordinal() - first] += orders
    return series


def _announcements(t: Tables, w: Window, first: int, length: int) -> tuple[Floats, Floats]:
    """Daily messages of staff and machines in groups, and touches that were sent."""
    said = t.within(t["message_posted"], w.last(DAYS))
    said = said.filter(said.by_staff | said.by_bot).group_by("day").agg(many=ibis._.count())
    sent = t.within(t["touch_moved"], w.last(DAYS))
    sent = sent.filter(sent.state == "sent").group_by("day").agg(many=ibis._.count())
    both = []
    for rows in (t.arrow(said), t.arrow(sent)):
        days = [day.toordinal() for day in rows["day"].to_pylist()]
        kept = np.array([first <= day < first + length for day in days], bool)
        both.append(_dense([d for d, k in zip(days, kept, strict=True) if k], rows["many"].to_numpy()[kept], first, length))  # fmt: skip
    return both[0], both[1]


def _dense(days: list[int], values: Any, first: int, length: int) -> Floats:
    series = np.zeros(length)
    np.add.at(series, np.array(days, np.int64) - first, np.asarray(values, np.float64))
    return series


def _row(
    t: Tables, w: Window, number: int, burst: Burst, first: int, counts: Floats, fen: Floats, products: dict[str, Floats],
    talk: tuple[Floats, Floats],
) -> dict[str, Any]:  # fmt: skip
    here = slice(burst.start, burst.end + 1)
    day = lambda place: date.fromordinal(first + place)  # noqa: E731
    middle, money = usual(counts)[0], usual(fen)[0]
    buyers, new = _buyers(t, w, day(burst.start), day(burst.end))
    told = slice(max(0, burst.start - BEFORE), burst.end + 1)
    sold: list[tuple[float, str, int]] = []
    for sku, series in products.items():
        expected = float(usual(series)[0][here].sum())
        if series[here].sum() - expected >= 3:
            sold.append((expected, sku, int(series[here].sum())))
    sold.sort(key=lambda one: (one[0] - one[2], one[1]))
    products_sold = [{"sku": sku, "orders": many, "expected": round(exp, 2)} for exp, sku, many in sold[:TOLD_PRODUCTS]]
    shown = range(max(0, burst.start - SHOWN_BEFORE), min(len(counts), burst.end + 1 + SHOWN_AFTER))
    return {
        "launch": number, "start": day(burst.start), "peak": day(burst.peak), "end": day(burst.end), "z": burst.z,
        "orders": int(counts[here].sum()), "expected": float(middle[here].sum()), "amount_fen": int(fen[here].sum()),
        "expected_fen": float(money[here].sum()), "buyers": buyers, "new_buyers": new,
        "announcements": int(talk[0][told].sum()), "announcements_expected": float(usual(talk[0])[0][told].sum()),
        "touches": int(talk[1][told].sum()), "products": json.dumps(products_sold, ensure_ascii=False),
        "days": json.dumps(
            [
                {"day": day(n).isoformat(), "orders": int(counts[n]), "usual": float(middle[n]), "said": int(talk[0][n])}
                for n in shown
            ]
        ),
    }  # fmt: skip


def _buyers(t: Tables, w: Window, start: date, end: date) -> tuple[int, int]:
    """Who bought in these days, and who of them for the first time."""
    bought = base.purchases(t, w).select("person", "first_on")
    some = orders_of(t, w)
    some = some.filter(some.person.notnull(), some.day >= start, some.day <= end).select("person").distinct()
    both = some.inner_join(bought, "person")
    found = t.arrow(both.agg(buyers=both.count(), new=(both.first_on >= start).sum().fill_null(0))).to_pylist()[0]
    return int(found["buyers"]), int(found["new"])


def days_before(start: date) -> tuple[date, date]:
    """The four weeks before a launch, by which a group's own usual is told."""
    return start - timedelta(days=28), start - timedelta(days=1)


TABLE = ReadingTable("launches", "找发售波次", "Launches", of, ("launch",))
