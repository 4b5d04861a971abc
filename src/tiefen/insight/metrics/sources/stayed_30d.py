"""30 日留存 Stayed 30 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.sources import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    added = t.until(t["contact_added"], w)
    added = added.group_by("person").agg(added_us=added.happened_us.min())
    some = base.ripe(t, w).inner_join(added, "person")
    some = some.filter(some.added_us < some.by_us)
    lost = t.until(t["contact_lost"], w).select("person", lost_us="happened_us")
    gone = some.inner_join(lost, "person")
    gone = gone.filter(gone.lost_us >= gone.arrived_us, gone.lost_us < gone.by_us).select("person").distinct()
    size = some.group_by("source").agg(whole=some.count())
    stayed = some.anti_join(gone, "person")
    stayed = stayed.group_by("source").agg(part=stayed.count())
    both = size.left_join(stayed, "source")
    return both.select("source", part=both.part.fill_null(0).cast("float64"), whole=both.whole.cast("float64"))


METRIC = Metric(
    key="stayed_30d",
    per="source",
    zh="30 日留存",
    en="Stayed 30 d",
    definition_zh="到来满 30 天、且成为好友的人里，到来后 30 天内没有删除好友的比例。",
    definition_en="Of those who arrived at least 30 days ago and became a contact within 30 days of it, the share who were not lost again within these days.",
    formula="|no contact lost within 30 d| / |arrived ≥ 30 d ago, added within 30 d|",
    unit="share",
    better="higher",
    grade="A",
    of=of,
    source="cohort retention of contacts",
    kinds=("contact.added", "contact.lost", "code.scanned", "link.clicked", "page.viewed", "order.paid"),
    looks_back=EVER,
)
