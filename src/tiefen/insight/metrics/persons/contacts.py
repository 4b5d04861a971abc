"""好友员工数 Staff who have them as a contact."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    added, lost = t.until(t["contact_added"], w), t.until(t["contact_lost"], w)
    moves = added.select("person", "staff", "happened_us", "seq", now=ibis.literal(1)).union(
        lost.select("person", "staff", "happened_us", "seq", now=ibis.literal(0))
    )
    moves = moves.mutate(staff=moves.staff.fill_null(0))
    latest = ibis.window(group_by=["person", "staff"], order_by=[moves.happened_us.desc(), moves.seq.desc()])
    state = moves.mutate(place=ibis.row_number().over(latest)).filter(ibis._.place == 0, ibis._.now == 1)
    return base.everybody(t, w, state.group_by("person").agg(part=state.count()))


METRIC = Metric(
    key="contacts",
    per="person",
    zh="好友员工数",
    en="Staff who have them as a contact",
    definition_zh="现在是几位员工的好友。",
    definition_en="With how many staff somebody is a contact now.",
    formula="#staff",
    unit="count",
    better="higher",
    grade="A",
    of=of,
    source="WeCom external contacts",
    kinds=(
        "contact.added",
        "contact.lost",
    ),
    looks_back=EVER,
)
