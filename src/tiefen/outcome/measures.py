"""What is measured of everybody in an experiment, whether anything was sent to them or not: a line in a list for each measure.

A measure is a table of acts (person, us, amount) in Ibis. Only what people do counts, as `insight.questions.acts` tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.outcome.stats.verdicts import Better

Kind = Literal["count", "fen", "share"]
"""count: acts a head; fen: money a head; share: of the people, how many did it at least once."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing to be measured."""

    key: str
    zh: str
    en: str
    says_zh: str
    says_en: str
    """What counts, in a sentence."""
    kind: Kind
    better: Better
    acts: Callable[[Tables], ir.Table]
    """(person, us, amount)."""
    primary: bool = False
    """What an experiment is judged by, at the full 5 %: the others share 5 % among them."""
    guard: bool = False
    """A guard rail: nothing to be gained, but an alarm where it gets worse."""
    past: bool = True
    """Whether the same measure before the experiment foretells it, and is taken out."""


def _orders(t: Tables) -> ir.Table:
    rows = t["order_paid"]
    return rows.filter(rows.person.notnull()).select("person", us=rows.happened_us, amount=ibis.literal(1, "int64"))


def _money(t: Tables) -> ir.Table:
    paid, back = t["order_paid"], t["order_refunded"]
    return paid.select("person", us=paid.happened_us, amount=paid.amount_fen).union(
        back.select("person", us=back.happened_us, amount=-back.amount_fen)
    )


def _spoke(t: Tables) -> ir.Table:
    rows = t["message_posted"]
    rows = rows.filter(~(rows.by_bot | rows.by_staff))
    return rows.select(person=rows.member, us=rows.happened_us, amount=ibis.literal(1, "int64"))


def _replied(t: Tables) -> ir.Table:
    rows, staff = t["message_posted"], t["person"]
    staff = staff.filter(staff.staff).select(reply_to="person")
    rows = rows.filter(~(rows.by_bot | rows.by_staff)).semi_join(staff, "reply_to")
    return rows.select(person=rows.member, us=rows.happened_us, amount=ibis.literal(1, "int64"))


def _clicked(t: Tables) -> ir.Table:
    rows = t["link_clicked"]
    return rows.select("person", us=rows.happened_us, amount=ibis.literal(1, "int64"))


def _invited(t: Tables) -> ir.Table:
    rows = t["member_joined"]
    rows = rows.filter(rows.invited_by.notnull(), ~rows.inferred)
    return rows.select(person=rows.invited_by, us=rows.happened_us, amount=ibis.literal(1, "int64"))


def _left(t: Tables) -> ir.Table:
    groups, contacts = t["member_left"], t["contact_lost"]
    groups = groups.filter(~groups.inferred, ~groups.how.isin(["dismissed", "removed"]))
    contacts = contacts.filter(contacts.by != "staff")
    one = ibis.literal(1, "int64")
    return groups.select(person=groups.member, us=groups.happened_us, amount=one).union(
        contacts.select("person", us=contacts.happened_us, amount=one)
    )


def _opted_out(t: Tables) -> ir.Table:
    rows = t["consent_withdrawn"]
    return rows.select("person", us=rows.happened_us, amount=ibis.literal(1, "int64"))


MEASURES: Sequence[Measure] = (
    Measure(
        "money", "净收入", "Money", "每人付款减退款", "What each person paid, less what they got back", "fen", "more", _money,
        primary=True,
    ),
    Measure("orders", "订单", "Orders", "每人付款的订单数", "Orders paid a head", "count", "more", _orders),
    Measure("buyers", "购买率", "Buyers", "至少付款一次的人", "Who paid at least one order", "share", "more", _orders),
    Measure("clicks", "点击", "Clicks", "每人打开追踪链接的次数", "Tracked links opened a head", "count", "more", _clicked),
    Measure("activity", "发言", "Activity", "每人在群里的发言数", "Messages in groups a head", "count", "more", _spoke),
    Measure("replies", "回复员工", "Replies", "每人对员工的回复数", "Answers to staff in groups a head", "count", "more", _replied),
    Measure("invited", "带来的人", "Invited", "每人邀请入群的人次", "People invited into groups a head", "count", "more", _invited),
    Measure(
        "leavers", "离开率", "Leavers", "至少退群一次或删好友的人", "Who left a group or deleted a contact", "share", "less", _left,
        guard=True, past=False,
    ),
    Measure(
        "opt_outs", "退订率", "Opt-outs", "撤回同意的人", "Who took a consent back", "share", "less", _opted_out,
        guard=True, past=False,
    ),
)  # fmt: skip
