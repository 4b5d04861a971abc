"""What messages brought: each order told to the last message before it, and to one only."""

from __future__ import annotations

from typing import Any

import pytest

from tests.act.broadcasts.scenes import NOW, Shop, deliver, id_of, said
from tests.conftest import CORP
from tiefen.act.broadcasts.brought import Act, brought
from tiefen.act.broadcasts.keeping import Broadcast
from tiefen.act.broadcasts.plan import Goal, ToGroups, ToPersons
from tiefen.kit.clock import DAY_US
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Fact, MemberJoined, MemberLeft, OrderPaid, OrderRefunded
from tiefen.ledger.facts.visits import LinkClicked
from tiefen.ledger.ledger import Ledger

pytestmark = pytest.mark.stores
HOUR = DAY_US // 24


@pytest.fixture
def shop(ledger: Ledger) -> Shop:
    return Shop(ledger)


def sent(shop: Shop, at: int = NOW, **plan: Any) -> Broadcast:
    draft = shop.approve(shop.draft(**plan))
    shop.turn()
    deliver(shop, draft, at)
    return shop.get(draft)


def happened(shop: Shop, *facts: Fact) -> None:
    shop.ledger.append(Batch(CORP, "shop", facts))


def order(name: str, number: str, at: int, fen: int = 10_000) -> OrderPaid:
    return OrderPaid(happened_us=at, source_id=number, person=id_of(name), order=number, amount_fen=fen)


def found(shop: Shop, *some: Broadcast) -> list[Act]:
    return brought(shop.ledger, shop.ledger.settings, CORP, some)


def test_an_order_within_the_window_is_told_to_the_message_and_others_are_not(shop: Shop) -> None:
    daiyu, _ = shop.people("黛玉", "悟空")
    told = sent(shop, whom=ToPersons(persons=(daiyu,)), goal=Goal(days=7))
    happened(
        shop, order("黛玉", "before", NOW - HOUR), order("黛玉", "within", NOW + HOUR), order("黛玉", "late", NOW + 8 * DAY_US),
        order("悟空", "untold", NOW + HOUR),
    )  # fmt: skip

    acts = found(shop, told)

    assert [(act.campaign_id, act.arm, act.person, act.at_us, act.amount_fen) for act in acts] == [
        (told.campaign_id, "A", daiyu, NOW + HOUR, 10_000)
    ]


def test_of_two_messages_the_last_before_the_order_is_told_it(shop: Shop) -> None:
    shop.people("黛玉")
    first, second = sent(shop, name="一"), sent(shop, NOW + DAY_US, name="二")
    happened(shop, order("黛玉", "a", NOW + HOUR), order("黛玉", "b", NOW + DAY_US + HOUR))

    assert [act.campaign_id for act in found(shop, first, second)] == [first.campaign_id, second.campaign_id]


def test_what_was_given_back_is_not_counted(shop: Shop) -> None:
    shop.people("黛玉", "悟空")
    told = sent(shop)
    happened(
        shop, order("黛玉", "a", NOW + HOUR), order("悟空", "b", NOW + HOUR),
        OrderRefunded(happened_us=NOW + DAY_US, source_id="ra", person=id_of("黛玉"), order="a", amount_fen=10_000),
        OrderRefunded(happened_us=NOW + DAY_US, source_id="rb", person=id_of("悟空"), order="b", amount_fen=4_000),
    )  # fmt: skip

    assert [act.amount_fen for act in found(shop, told)] == [6_000]


def test_a_message_to_a_group_was_told_to_whoever_was_in_it_then(shop: Shop) -> None:
    poets = shop.group("wr1", "海棠诗社")
    shop.people("黛玉", "悟空", "八戒")
    happened(
        shop,
        MemberJoined(happened_us=NOW - DAY_US, source_id="j1", group="wr1", member=id_of("黛玉")),
        MemberJoined(happened_us=NOW - DAY_US, source_id="j2", group="wr1", member=id_of("悟空")),
        MemberLeft(happened_us=NOW - HOUR, source_id="l2", group="wr1", member=id_of("悟空")),
        MemberJoined(happened_us=NOW + HOUR, source_id="j3", group="wr1", member=id_of("八戒")),
        *(order(name, name, NOW + 2 * HOUR) for name in ("黛玉", "悟空", "八戒")),
    )
    told = sent(shop, whom=ToGroups(groups=(poets,)), variants=(said("开售了"),))

    acts = found(shop, told)

    assert [(act.group, act.amount_fen) for act in acts] == [(poets, 10_000)]


def test_clicks_are_what_a_broadcast_for_clicks_brought(shop: Shop) -> None:
    (daiyu,) = shop.people("黛玉")
    told = sent(shop, goal=Goal(what="click", days=1))
    happened(
        shop,
        LinkClicked(happened_us=NOW + HOUR, source_id="c1", person=id_of("黛玉"), link="tea"),
        order("黛玉", "a", NOW + HOUR),
    )

    assert [(act.person, act.at_us, act.amount_fen) for act in found(shop, told)] == [(daiyu, NOW + HOUR, 0)]


def test_before_anything_was_said_nothing_was_brought(shop: Shop) -> None:
    assert found(shop, shop.draft()) == []
