"""From orders to records: one rule, twice, for columns in memory and for the tables of insight. A test holds them together.

What counts as coming back is an order at a later time, in whole days of the corp's zone unless times are exact: two orders on
a day are one visit, as in all published figures. An order that was given back whole was none; part of one given back lessens
what was paid. An order of nothing is an order. Values leave the first order out, as published ones do: it is often a trial.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.persons import base
from tiefen.insight.models.purchases.records import Ints, Records
from tiefen.insight.models.purchases.rhythm import Regularity, regularity_of
from tiefen.insight.window import Window


@dataclass(frozen=True, slots=True)
class Visits:
    """Who ordered when, and for how much: sorted by person and time, one row for each."""

    person: Ints
    at: Ints
    fen: Ints


def visits(person: Ints, at: Ints, fen: Ints, as_of: int) -> Visits:
    """Orders up to `as_of`, included, in any order. Less than 0 fen is money given back, of the latest order before it;
    what is given back beyond that order's amount, or before any order, is left out of account."""
    known = at <= as_of
    person, at, fen = person[known], at[known], fen[known]
    order = np.lexsort((fen < 0, at, person))
    person, at, fen = person[order], at[order], fen[order]
    places = np.arange(len(fen))
    bought = fen >= 0
    latest = np.maximum.accumulate(np.where(bought, places, -1)) if len(fen) else places
    back = ~bought & (latest >= 0)
    back[back] = person[latest[back]] == person[back]
    net = fen.copy()
    np.add.at(net, latest[back], fen[back])
    kept = bought & ~((fen > 0) & (net <= 0))
    return _by_time(person[kept], at[kept], np.maximum(net[kept], 0))


def _by_time(person: Ints, at: Ints, fen: Ints) -> Visits:
    first = np.ones(len(at), bool)
    first[1:] = (person[1:] != person[:-1]) | (at[1:] != at[:-1])
    starts = np.flatnonzero(first)
    return Visits(person[starts], at[starts], np.add.reduceat(fen, starts) if len(starts) else fen)


def records(some: Visits, as_of: int, *, unit: int = 1) -> Records:
    """One row a person. `at` and `as_of` are in parts of a day: day numbers by themselves, microseconds with their unit."""
    starts = _starts(some.person)
    if not len(starts):
        nothing = np.empty(0)
        return Records(some.person, nothing, nothing, nothing, nothing)
    ends = np.append(starts[1:], len(some.person)) - 1
    first, last = some.at[starts], some.at[ends]
    spent = np.add.reduceat(some.fen, starts) - some.fen[starts]
    return Records(
        some.person[starts], (ends - starts).astype(np.float64), (last - first) / unit, (as_of - first) / unit,
        spent.astype(np.float64),
    )  # fmt: skip


def regularity(some: Visits) -> Regularity:
    """How evenly people space their orders, from each pair of neighbouring waits; no wait is in two pairs."""
    starts = _starts(some.person)
    if not len(starts):
        return regularity_of(0, 0.0)
    place = np.arange(len(some.person)) - np.repeat(starts, np.diff(np.append(starts, len(some.person))))
    begins = np.flatnonzero((place[:-2] % 2 == 0) & (some.person[:-2] == some.person[2:]))
    share = (some.at[begins + 1] - some.at[begins]) / (some.at[begins + 2] - some.at[begins])
    return regularity_of(len(share), float(((share - 0.5) ** 2).sum()))


def _starts(person: Ints) -> Ints:
    """Where each person's rows begin."""
    if not len(person):
        return np.empty(0, np.int64)
    return np.flatnonzero(np.append(True, person[1:] != person[:-1]))


def visits_in(t: Tables, w: Window) -> ir.Table:
    """(person, day, fen): days up to the end of a window on which people ordered. Of staff and machines there are none.

    Refunds belong to the order they name, whenever it was. A part of an order paid later belongs to its first day.
    """

    def make() -> ir.Table:
        paid, refunded = t.until(t["order_paid"], w), t.until(t["order_refunded"], w)
        orders = paid.group_by("order").agg(person=paid.person.min(), day=paid.day.min(), paid=paid.amount_fen.sum())
        back = refunded.group_by("order").agg(back=refunded.amount_fen.sum())
        orders = orders.left_join(back, "order").drop("order_right")
        orders = orders.mutate(net=orders.paid - orders.back.fill_null(0))
        orders = orders.filter(orders.person.notnull(), ~((orders.paid > 0) & (orders.net <= 0)), orders.paid >= 0)
        orders = orders.semi_join(base.counted(t, w), "person")
        return orders.group_by("person", "day").agg(fen=ibis.greatest(orders.net, 0).sum().cast("int64"))

    return t.kept(f"visits_{w.end:%Y%m%d}", make)


def records_in(t: Tables, w: Window) -> ir.Table:
    """The records as of the end of a window, in days: (person, frequency, recency, age, spent_fen)."""
    return records_of(visits_in(t, w), w.end)


def records_of(visits: ir.Table, end: date) -> ir.Table:
    """The same of (person, day, fen), as of a day: what came later is left out."""
    some = visits.filter(visits.day <= end)
    some = some.mutate(first_on=some.day.min().over(ibis.window(group_by="person")))
    people = some.group_by("person", "first_on").agg(
        visits=some.count(), last_on=some.day.max(), spent=some.fen.sum(where=some.day > some.first_on).fill_null(0)
    )
    return people.select(
        "person",
        frequency=(people.visits - 1).cast("float64"),
        recency=(people.last_on - people.first_on).cast("int64").cast("float64"),
        age=(ibis.literal(end) - people.first_on).cast("int64").cast("float64"),
        spent_fen=people.spent.cast("float64"),
    )


def regularity_in(t: Tables, w: Window) -> Regularity:
    """The same as `regularity`, of the days up to the end of a window."""
    some = visits_in(t, w)
    own = ibis.window(group_by="person", order_by="day")
    some = some.mutate(
        place=ibis.row_number().over(own), second=some.day.lead(1).over(own), third=some.day.lead(2).over(own)
    )
    pairs = some.filter(some.place % 2 == 0, some.third.notnull())
    share = (pairs.second - pairs.day).cast("int64") / (pairs.third - pairs.day).cast("int64")
    found = t.arrow(pairs.agg(pairs=pairs.count(), uneven=((share - 0.5) ** 2).sum())).to_pylist()[0]
    return regularity_of(int(found["pairs"]), float(found["uneven"] or 0.0))


def read(table: pa.Table) -> Records:
    """Records of a table that `records_in` was answered with, sorted by person."""
    return Records.from_arrow(table.sort_by("person"))
