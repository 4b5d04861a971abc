"""From orders to visits and records: one rule, twice, for columns in memory and for the tables of insight. A test holds them
together.

What counts as coming back is an order at a later time, in whole days of the corp's zone unless times are exact: two orders on
a day are one visit, as in all published figures. An order that was given back whole was none; part of one given back lessens
what was paid. An order of nothing is an order. Values leave the first order out, as published ones do: it is often a trial.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.persons import base
from tiefen.insight.models.purchases.records import Floats, Ints, Records
from tiefen.insight.models.purchases.rhythm import Regularity, regularity_of
from tiefen.insight.window import Window

_DAYS = 1 << 20
"""More than there are days: a person and a day are one number."""


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


def until(some: Visits, at: int) -> Visits:
    """Those up to an instant, included."""
    known = some.at <= at
    return Visits(some.person[known], some.at[known], some.fen[known])


def since(some: Visits, at: int, people: Ints) -> tuple[Floats, Floats]:
    """How often each of these people, who are sorted, came after an instant, and for how many fen."""
    later = some.at > at
    place = np.searchsorted(people, some.person[later])
    there = place < len(people)
    there[there] = people[place[there]] == some.person[later][there]
    place = place[there]
    times = np.bincount(place, minlength=len(people)).astype(np.float64)
    return times, np.bincount(place, some.fen[later][there], len(people)).astype(np.float64)


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


def visits_in(t: Tables, w: Window) -> Visits:
    """Days up to the end of a window on which people ordered, as day numbers. Of staff and machines there are none."""
    found, counted = t.arrow(orders_in(t, w)), t.arrow(base.counted(t, w))
    person, fen = (found[name].to_numpy().astype(np.int64, copy=False) for name in ("person", "fen"))
    at = found["day"].to_numpy().astype("datetime64[D]").astype(np.int64)
    if not len(at):
        return Visits(person, at, fen)
    order = np.argsort(person * _DAYS + (at - at.min()))
    some = _by_time(person[order], at[order], fen[order])
    starts = _starts(some.person)
    counts = np.isin(some.person[starts], counted["person"].to_numpy(), assume_unique=True)
    kept = np.repeat(counts, np.diff(np.append(starts, len(some.person))))
    return some if counts.all() else Visits(some.person[kept], some.at[kept], some.fen[kept])


def orders_in(t: Tables, w: Window) -> ir.Table:
    """(person, day, fen): one row an order, of what was not given back of it. Whose they are is not asked here: there are many
    orders, and few people of whom they do not count.

    Refunds belong to the order they name, whenever it was. A part of an order paid later belongs to its first day.
    """
    paid, refunded = t.until(t["order_paid"], w), t.until(t["order_refunded"], w)
    orders = paid.group_by("order").agg(person=paid.person.min(), day=paid.day.min(), paid=paid.amount_fen.sum())
    back = refunded.group_by("order").agg(back=refunded.amount_fen.sum())
    orders = orders.left_join(back, "order").drop("order_right")
    orders = orders.mutate(net=orders.paid - orders.back.fill_null(0))
    orders = orders.filter(orders.person.notnull(), ~((orders.paid > 0) & (orders.net <= 0)), orders.paid >= 0)
    return orders.select("person", "day", fen=ibis.greatest(orders.net, 0).cast("int64"))


def number_of(day: date) -> int:
    """The number of a day, as visits have it."""
    return (day - date(1970, 1, 1)).days
