"""The company's days: talk, people, comings and goings, money."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

_NUMBERS = ("messages", "speakers", "joined", "left", "orders", "revenue_fen")


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    speech = base.speech(t, w)
    talk = speech.group_by("day").agg(messages=speech.messages.sum(), speakers=speech.person.nunique())
    groups = t.given("group_days", made["group_days"])
    moves = groups.group_by("day").agg(joined=groups.joined.sum(), left=groups.left.sum())
    paid, refunded = t.until(t["order_paid"], w), t.until(t["order_refunded"], w)
    orders = paid.group_by("day").agg(orders=paid.order.nunique(), revenue_fen=paid.amount_fen.sum())
    back = refunded.group_by("day").agg(revenue_fen=-refunded.amount_fen.sum())
    together = ibis.union(*(_with_all(table) for table in (talk, moves, orders, back)))
    return together.group_by("day").agg(**{name: together[name].sum() for name in _NUMBERS})


def _with_all(table: ir.Table) -> ir.Table:
    def number(name: str) -> ir.IntegerValue:
        return table[name].cast("int64") if name in table.columns else ibis.literal(0, "int64")

    return table.select("day", **{name: number(name) for name in _NUMBERS})


TABLE = ReadingTable("corp_days", "算每天的总数", "The company's days", of, ("day",))
