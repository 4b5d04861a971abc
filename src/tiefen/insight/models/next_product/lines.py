"""What people bought, from the lines of their orders."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window

LOOKS_BACK = 730
"""Days: what was bought before says little of what is bought next."""
LONGEST_NAME = 200


def goods_bought(t: Tables, w: Window) -> ir.Table:
    """(person, sku, day, fen, qty): on which days of the last `LOOKS_BACK` people bought what, and how many.

    Lines without a good, of nothing or below zero (discounts) are left out, and orders that were given back whole.
    """

    def make() -> ir.Table:
        paid, refunded = t.within(t["order_paid"], w.last(LOOKS_BACK)), t.until(t["order_refunded"], w)
        paid = paid.filter(paid.person.notnull(), paid.lines.length() > 0)
        back = refunded.group_by("order").agg(back=refunded.amount_fen.sum())
        each = paid.select("person", "order", "day", "amount_fen", line=paid.lines.unnest())
        each = each.select(
            "person", "order", "day", "amount_fen", sku=each.line.sku, qty=each.line.qty, fen=each.line.amount_fen
        )
        some = each.left_join(back, "order")
        whole = (some.amount_fen > 0) & (some.back.fill_null(0) >= some.amount_fen)
        name = some.sku.strip().substr(0, LONGEST_NAME)
        kept = some.filter(~whole, name != "", some.qty > 0, some.fen >= 0)
        kept = kept.select("person", "day", "fen", "qty", sku=name).semi_join(base.counted(t, w), "person")
        return kept.group_by("person", "sku", "day").agg(
            fen=kept.fen.sum().cast("int64"), qty=kept.qty.sum().cast("int64")
        )

    return t.kept(f"goods_bought_{w.end:%Y%m%d}", make)


def bought_anything(t: Tables, w: Window) -> ir.Table:
    """(person, sku, times, last_on, fen)"""
    some = goods_bought(t, w)
    return some.group_by("person", "sku").agg(
        times=ibis._.count(), last_on=ibis._.day.max(), fen=ibis._.fen.sum().cast("int64")
    )
