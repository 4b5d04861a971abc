"""Each good with its rung on the ladder of offers, who bought it, and who went on from it to something higher."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.models.next_product.lines import goods_bought
from tiefen.insight.models.offer_ladder import climbs, rungs_of_goods
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    some = goods_bought(t, w)
    sold = some.group_by("sku").agg(buyers=some.person.nunique(), money_fen=some.fen.sum().cast("int64"))
    began = climbs(t, w)
    went = began.group_by("sku").agg(
        began=began.judged.cast("int64").sum(), moved=(began.judged & began.moved).cast("int64").sum()
    )
    rows = rungs_of_goods(t, w).inner_join(sold, "sku").left_join(went, "sku")
    return rows.select(
        "sku",
        "rung",
        "price_fen",
        "buyers",
        "money_fen",
        **{name: ibis._[name].fill_null(0) for name in ("began", "moved")},
    )


TABLE = ReadingTable("offer_goods", "看每件商品引向何处", "Where each good leads", of, ("sku",))
