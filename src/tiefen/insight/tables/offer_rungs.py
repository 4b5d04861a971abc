"""The ladder of offers, rung by rung: who bought from it, and how many of those who began there went on to a higher one in time."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.models.next_product.lines import goods_bought
from tiefen.insight.models.offer_ladder import climbs, rungs_of_goods
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    goods = rungs_of_goods(t, w).filter(ibis._.rung.notnull())
    sold = goods_bought(t, w).inner_join(goods, "sku")
    rungs = sold.group_by("rung").agg(
        goods=sold.sku.nunique(), buyers=sold.person.nunique(), money_fen=sold.fen.sum().cast("int64"),
        least_fen=sold.price_fen.min(), most_fen=sold.price_fen.max(),
    )  # fmt: skip
    each = climbs(t, w)
    each = each.group_by("person", "rung").agg(
        days=each.days.max(),
        judged=each.judged.cast("int64").max(),
        moved=(each.judged & each.moved).cast("int64").max(),
    )
    went = each.group_by("rung").agg(
        began=each.judged.sum(), moved=each.moved.sum(),
        median_days=each.days.cast("float64").quantile(0.5, where=each.moved == 1),
    )  # fmt: skip
    rows = rungs.left_join(went, "rung").drop("rung_right")
    return rows.select(
        "rung", "goods", "buyers", "money_fen", "least_fen", "most_fen", "median_days",
        **{name: rows[name].fill_null(0) for name in ("began", "moved")},
    )  # fmt: skip


TABLE = ReadingTable("offer_rungs", "看产品阶梯哪一级漏", "Where the ladder of offers leaks", of, ("rung",))
