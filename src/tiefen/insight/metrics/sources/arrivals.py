"""来人数 Arrivals."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.sources import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    sources, people = t["source"].select("source"), base.came(t, w)
    both = sources.left_join(people, "source")
    return both.select("source", part=both.people.fill_null(0).cast("float64"), whole=ibis.literal(1.0))


METRIC = Metric(
    key="arrivals",
    per="source",
    zh="来人数",
    en="Arrivals",
    definition_zh="至今以此渠道为首次来源的人数。",
    definition_en="How many people first came by this source, up to now.",
    formula="|people|",
    unit="count",
    better="higher",
    grade="A",
    of=of,
    source="first touch",
    kinds=(
        "contact.added",
        "code.scanned",
        "link.clicked",
        "page.viewed",
        "order.paid",
    ),
    looks_back=EVER,
)
