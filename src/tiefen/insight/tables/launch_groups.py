"""Which groups carried a launch: orders of their members while it ran, above those of the four weeks before.

An order belongs to the groups its buyer was in at that moment, to each an equal part; `group` is null for those of people in
none. Orders of the groups together with those of none are all orders of the launch.
"""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.tables.launches import BEFORE, days_before, orders_of
from tiefen.insight.window import Window

_NUMBERS = {
    "orders": "float64",
    "expected": "float64",
    "amount_fen": "float64",
    "buyers": "int64",
    "announcements": "int64",
}
_SCHEMA = pa.schema(
    [("launch", pa.int64()), ("group", pa.int64()), *((n, getattr(pa, k)()) for n, k in _NUMBERS.items())]
)


def of(t: Tables, w: Window, made: Made) -> pa.Table | ir.Table:
    parts = [_of_one(t, w, r["launch"], r["start"], r["end"]) for r in made["launches"].to_pylist()]
    return ibis.union(*parts) if len(parts) > 1 else parts[0] if parts else _SCHEMA.empty_table()


def _of_one(t: Tables, w: Window, launch: int, start: date, end: date) -> ir.Table:
    run, (since, until) = (end - start).days + 1, days_before(start)
    now, before = _shared(t, w, start, end), _shared(t, w, since, until)
    sold = now.group_by("group").agg(
        orders=now.share.sum(), amount_fen=(now.amount_fen * now.share).sum(), buyers=now.person.nunique()
    )
    usual = before.group_by("group").agg(expected=before.share.sum() * (run / 28))
    said = t.until(t["message_posted"], w)
    told_from = ibis.literal(start) - ibis.interval(days=BEFORE)
    said = said.filter(said.by_staff | said.by_bot, said.day >= told_from, said.day <= end)
    told = said.group_by("group").agg(announcements=said.count())
    together = ibis.union(*(_with_all(table) for table in (sold, usual, told)))
    numbers = {name: together[name].sum() for name in _NUMBERS}
    rows = together.group_by("group").agg(**numbers)
    rows = rows.filter((rows.orders > 0) | (rows.expected > 0))
    return rows.select("group", *_NUMBERS, launch=ibis.literal(launch, "int64"))


def _shared(t: Tables, w: Window, start: date, end: date) -> ir.Table:
    """(group, person, amount_fen, share): orders of these days, each over the groups of whoever bought."""
    some = orders_of(t, w)
    some = some.filter(some.day >= start, some.day <= end)
    stay = t["stay"]
    stay = stay.select("group", member=stay.person, came_us=stay.joined_us, went_us=stay.left_us)
    inside = some.inner_join(
        stay, [some.person == stay.member, some.happened_us >= stay.came_us,
               stay.went_us.isnull() | (some.happened_us < stay.went_us)],
    ).select("order", "group").distinct()  # fmt: skip
    both = some.left_join(inside, "order").drop("order_right")
    many = both.count().over(ibis.window(group_by="order"))
    return both.select("group", "person", "amount_fen", share=1.0 / many)


def _with_all(table: ir.Table) -> ir.Table:
    def number(name: str, kind: str) -> ir.NumericValue:
        return table[name].cast(kind) if name in table.columns else ibis.literal(0).cast(kind)

    return table.select("group", **{name: number(name, kind) for name, kind in _NUMBERS.items()})


TABLE = ReadingTable("launch_groups", "把发售归到群", "Groups of each launch", of, ("launch", "group"))
