"""近似重复率 Share of nearly repeated text."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.kernels import repeats
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    some = base.said(t, w)
    words = t.within(t["words"], w).select("seq", "text")
    rows = some.filter(some.length >= repeats.LEAST_LENGTH).inner_join(words, "seq").select("group", "seq", "text")
    found = t.mapped(f"near_{w.start:%Y%m%d}_{w.end:%Y%m%d}", rows, repeats.nearly_repeated, repeats.REPEATED)
    return base.shares(found)


METRIC = Metric(
    key="repeated_nearly",
    per="group",
    zh="近似重复率",
    en="Nearly repeated text",
    definition_zh="窗口内十个字以上、保留了文字的消息中，与群里另一条有七成以上三字片段相同的比例；改几个字再发的广告也算。",
    definition_en="Of the messages of the window of ten characters or more whose words are kept, the share that have seven tenths or more of their triples of characters in common with another in the group, such as adverts posted again with a few characters changed.",
    formula="#{Jaccard of hashed triples with another ≥ .7} / #messages of ≥ 10 characters",
    unit="share",
    better="lower",
    grade="B",
    of=of,
    source="Broder 1997: shingles and min-wise hashing (24 minima, 6 bands of 4); Nematzadeh et al. 2019",
    kinds=("message.posted",),
)
