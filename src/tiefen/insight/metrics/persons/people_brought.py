"""带来人数 People brought."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metric import EVER, Metric
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    stay = t["stay"]
    invited = stay.filter(stay.invited_by.notnull(), stay.joined_at < t.ends(w), stay.invited_by != stay.person)
    brought = invited.group_by(person=invited.invited_by).agg(part=invited.person.nunique())
    people = base.counted(t, w)
    # Where it was never told of anybody that a member brought them, who brought nobody is not known either.
    told = brought.semi_join(people, "person").agg(told=ibis._.count())
    known = people.cross_join(told).filter(ibis._.told > 0).select("person")
    return base.everybody(t, w, brought, known)


METRIC = Metric(
    key="people_brought",
    per="person",
    zh="带来人数",
    en="People brought",
    definition_zh="邀请入群的不同人数（至今）；平台从不告诉是谁带来的时候不知道。",
    definition_en="How many different people joined on somebody's invitation, up to now; unknown where the platform never tells who brought whom.",
    formula="|invited|",
    unit="count",
    better="higher",
    grade="A",
    of=of,
    source="Qiu et al. 2016: who invites",
    kinds=("member.joined",),
    looks_back=EVER,
)
