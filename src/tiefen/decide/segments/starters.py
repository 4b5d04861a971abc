"""现成分群 — segments to begin with: each a rule that most brands want, to be looked at and changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Starter:
    """A rule with a name and what it is good for, in both languages."""

    key: str
    zh: str
    en: str
    why_zh: str
    why_en: str
    rule: dict[str, Any]


def _all(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "all", "rules": list(rules)}


def _any(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "any", "rules": list(rules)}


_BOUGHT = {"kind": "did", "act": "order.paid"}
_NEVER_BOUGHT = {"kind": "did_not", "act": "order.paid"}
_IN_REACH = _any({"kind": "in_group"}, {"kind": "contact"})

STARTERS: tuple[Starter, ...] = (
    Starter(
        "new_7d", "近 7 天新来", "New in 7 days", "趁热打招呼，讲清规矩和好处", "to greet while it is fresh",
        _any({"kind": "first_did", "act": "member.joined", "days": 7}, {"kind": "first_did", "act": "contact.added", "days": 7}),
    ),
    Starter(
        "silent_14d", "沉默 14 天", "Silent for 14 days", "曾经活跃，两周没有任何动静", "were active, and nothing for two weeks",
        _all(_IN_REACH, {"kind": "last_did", "act": "anything", "days": 14}),
    ),
    Starter(
        "slipping_away", "正在流失的买家", "Buyers slipping away", "买过，但仍然活跃的可能性不大", "bought, and are not likely to be active still",
        _all(_BOUGHT, {"kind": "number", "metric": "active_chance", "op": "below", "value": 0.5}),
    ),
    Starter(
        "fans_without_order", "没下单的粉丝", "Fans without an order", "爱说话、有人回应，却从没买过", "talk and are answered, but never bought",
        _all({"kind": "on_rung", "rungs": ["user", "fan", "superfan"]}, _NEVER_BOUGHT),
    ),
    Starter(
        "birthday_7d", "7 天内生日", "Birthday within 7 days", "生日关怀", "for birthday greetings",
        {"kind": "on_date", "key": "birthday", "op": "yearly_in", "days": 7},
    ),
    Starter(
        "first_order_7d", "近 7 天首单", "First order in 7 days", "首单后的一周决定复购", "the week after the first order decides on the next",
        {"kind": "first_did", "act": "order.paid", "days": 7},
    ),
    Starter(
        "best_buyers", "高价值客户", "Best buyers", "最近买、常买、买得多", "buy lately, often and much",
        {"kind": "rfm", "r_least": 4, "f_least": 4, "m_least": 4},
    ),
    Starter(
        "lurkers_7d", "潜水 7 天以上", "Lurkers of a week or more", "在群里一周以上，从没说过话", "in a group for a week and never spoke",
        _all({"kind": "in_group", "stayed": 7}, {"kind": "did_not", "act": "message.posted"}),
    ),
    Starter(
        "refunded_30d", "近 30 天退款", "Refunded in 30 days", "先关怀，别推销", "to be cared for, not sold to",
        {"kind": "did", "act": "order.refunded", "days": 30},
    ),
    Starter(
        "complained_14d", "近 14 天抱怨过", "Complained in 14 days", "先解决问题，别推销", "to be helped, not sold to",
        {"kind": "complained", "days": 14},
    ),
    Starter(
        "looked_not_bought", "看过没买", "Looked but did not buy", "7 天内看过页面或点过链接，没有付款", "looked at pages or links within a week and did not pay",
        _all(
            _any({"kind": "did", "act": "page.viewed", "days": 7}, {"kind": "did", "act": "link.clicked", "days": 7}),
            {"kind": "did_not", "act": "order.paid", "days": 7},
        ),
    ),
)  # fmt: skip
