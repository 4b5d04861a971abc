"""30 日带新率 Brought others within 30 d."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons.base import counted
from tiefen.insight.metrics.sources import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    stay = t["stay"]
    invited = stay.filter(stay.invited_by.notnull(), stay.invited_by != stay.person, stay.joined_at < t.ends(w))
    first = invited.group_by(person=invited.invited_by).agg(us=invited.joined_us.min())
    # WeCom tells invitations by staff alone, which say nothing of whom others invite.
    told = first.semi_join(counted(t, w), "person").limit(1).select(told=ibis.literal(1))
    known = base.ripe(t, w).select("person").cross_join(told).select("person")
    return base.first_days(t, w, known, first)


METRIC = Metric(
    key="brought_30d",
    per="source",
    zh="30 日带新率",
    en="Brought others within 30 d",
    definition_zh="到来满 30 天的人里，到来后 30 天内已经邀请过别人入群的比例；没有客户邀请客户的数据时不知道。",
    definition_en="Of those who arrived at least 30 days ago, the share who had invited somebody into a group when 30 days were over. Unknown where no invitation by anybody but staff is told to us.",
    formula="|first invitation before arrival + 30 d| / |arrived ≥ 30 d ago|",
    unit="share",
    better="higher",
    grade="A",
    of=of,
    source="referral rate within a month",
    kinds=("member.joined", "contact.added", "code.scanned", "link.clicked", "page.viewed", "order.paid"),
    looks_back=EVER,
)
