"""卖与给 Share of the brand's messages that sell."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metric import Metric
from tiefen.insight.metrics.groups import base
from tiefen.insight.metrics.groups.talk_base import talk
from tiefen.insight.window import Window


def of(t: Tables, w: Window) -> ir.Table:
    staff = t["person"].filter(t["person"].staff).select("person")
    posted = t.within(t["message_posted"], w)
    by_staff = posted.filter(posted.by_staff).select("seq")
    told = talk(t, w)
    ours = told.semi_join(staff, "person").union(told.semi_join(by_staff, "seq")).distinct()
    return base.shares(
        ours.group_by("group").agg(part=(ours.sells | (ours.talk == "advert")).sum(), whole=ours.count())
    )


METRIC = Metric(
    key="sell_give",
    per="group",
    zh="卖与给",
    en="Selling against giving",
    definition_zh="窗口内员工在群里说的、保留了文字的话中，有多少是在卖（价格、限时、下单、优惠等）；其余是分享、解答与闲聊。",
    definition_en="Of what staff said in the group within the window and whose words are kept, the share that sells (a price, a deadline, a call to order, a discount); the rest gives, answers or chats.",
    formula="#selling messages of staff / #messages of staff",
    unit="share",
    better="lower",
    grade="B",
    of=of,
    source="rules of tiefen.insight.models.talk; a practitioners' yardstick, without a published effect",
    kinds=("message.posted",),
)
