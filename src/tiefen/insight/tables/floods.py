"""When a group was flooded, by whom and with what."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.kernels import floods
from tiefen.insight.metrics.groups import base
from tiefen.insight.metrics.groups.talk_base import adverts_in
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window


def of(t: Tables, w: Window, made: Made) -> ir.Table:
    some = base.said(t, w).select("group", "seq", "person", "happened_us", "text_hash", "length")
    rows = some.left_join(adverts_in(t, w).select("seq", "advert"), "seq").drop("seq_right")
    return t.mapped("floods", rows, floods.floods, floods.FLOODS)


TABLE = ReadingTable("floods", "找刷屏", "When groups were flooded", of, ("group", "began_us"))
