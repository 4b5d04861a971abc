"""陌生比例 Strangers."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    speakers = base.said(t, w).select("group", "person").distinct()
    size = speakers.group_by("group").agg(n=speakers.count())
    edges = base.edges(t, w)
    linked = edges.select("group").distinct()
    edges = edges.semi_join(speakers, ["group", ("a", "person")]).semi_join(speakers, ["group", ("b", "person")])
    pairs = edges.select("group", a=ibis.least(edges.a, edges.b), b=ibis.greatest(edges.a, edges.b)).distinct()
    known = pairs.group_by("group").agg(known=pairs.count())
    both = size.semi_join(linked, "group").left_join(known, "group")
    whole = both.n * (both.n - 1) / 2
    return base.shares(both.select("group", part=whole - both.known.fill_null(0), whole=whole))


METRIC = Metric(
    key="strangers",
    per="group",
    zh="陌生比例",
    en="Strangers",
    definition_zh="窗口内发言者两两之间，近 90 天内从未互相回复或提到的比例。群越大自然越高，应与同等规模的群相比。从不注明回复谁的群不知道。",
    definition_en="Of all pairs of people who spoke within the window, the share who never answered or mentioned each other in the last 90 days. It rises with size: compare groups of like size. Unknown where a group never says whom it addresses.",
    formula="1 − |acquainted pairs| / (n(n−1)/2)",
    unit="share",
    better="lower",
    grade="B",
    of=of,
    source="network density; CollegeMsg: .992",
    kinds=("message.posted",),
    looks_back=base.LINK_DAYS,
)
