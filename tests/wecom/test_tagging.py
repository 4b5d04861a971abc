"""Tags that journeys put reach WeCom, for everybody who has the contact, once; and are no news when WeCom tells of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.conftest import CORP
from tests.sandbox.endpoints.scenes import HOUR, START
from tests.wecom.test_delivering import Brand
from tiefen.act.journeys.effects import Effects, Order, carry_out
from tiefen.act.journeys.orders import TRIES
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import handles
from tiefen.ledger.schema.journeys import journey_orders
from tiefen.sandbox import Sandbox
from tiefen.wecom.tagging import GROUP, put_tags

pytestmark = pytest.mark.stores


@pytest.fixture
def brand(ledger: Ledger, settings: Settings) -> Iterator[Brand]:
    with Sandbox.open(speed=None, start=START) as box:
        yield Brand(box, ledger, settings)


def order(brand: Brand, name: str, tag: str, *, off: bool = False) -> None:
    with brand.ledger.read() as connection:
        person = connection.execute(
            sa.select(handles.c.person_id).where(handles.c.id_value == brand.home.id(name))
        ).scalar_one()
    wish = Order(f"j:{name}:{tag}:{off}", "s", "tag", person, {"tag": tag, "off": off})
    with brand.ledger.together() as together:
        carry_out(together, CORP, "j", Effects(orders=[wish]), brand.now())


def tags_at_wecom(brand: Brand, name: str, userid: str = "xifeng") -> list[tuple[str, str]]:
    detail = brand.home.api.contacts.get(brand.home.id(name))
    follow = next(one for one in detail.follow_user if one.userid == userid)
    return [(tag.group_name, tag.tag_name) for tag in follow.tags]


def states(brand: Brand) -> list[tuple[str, str | None]]:
    with brand.ledger.read() as connection:
        rows = connection.execute(sa.select(journey_orders.c.state, journey_orders.c.reason)).all()
    return [(row.state, row.reason) for row in rows]


def test_a_tag_is_made_where_wecom_has_none_and_put_once(brand: Brand) -> None:
    order(brand, "黛玉", "诗社")
    order(brand, "宝钗", "诗社")

    assert put_tags(brand.ledger, CORP, brand.api, brand.now()) == 2
    assert put_tags(brand.ledger, CORP, brand.api, brand.now()) == 0

    brand.box.clock.step(10)
    assert tags_at_wecom(brand, "黛玉") == tags_at_wecom(brand, "宝钗") == [(GROUP, "诗社")]
    assert states(brand) == [("done", None)] * 2


def test_what_was_told_is_no_news_when_wecom_tells_of_it(brand: Brand) -> None:
    order(brand, "黛玉", "诗社")
    put_tags(brand.ledger, CORP, brand.api, brand.now())
    brand.box.clock.step(HOUR)
    before = brand.ledger.facts(CORP, "tag.put")

    brand.reads()

    assert before == brand.ledger.facts(CORP, "tag.put") == 1


def test_a_tag_is_taken_off_again(brand: Brand) -> None:
    order(brand, "黛玉", "诗社")
    put_tags(brand.ledger, CORP, brand.api, brand.now())
    order(brand, "黛玉", "诗社", off=True)

    put_tags(brand.ledger, CORP, brand.api, brand.now())

    brand.box.clock.step(10)
    assert tags_at_wecom(brand, "黛玉") == []


def test_who_is_nobodys_contact_any_more_has_no_tag_at_wecom_and_it_says_why(brand: Brand) -> None:
    brand.phones.delete_customer("xifeng", brand.home.people["探春"])
    order(brand, "探春", "诗社")
    order(brand, "黛玉", "长" * 31)

    put_tags(brand.ledger, CORP, brand.api, brand.now())

    assert sorted(states(brand), key=str) == [("failed", "lost_contact"), ("failed", "name_too_long")]


def test_what_fails_is_tried_again_and_given_up_in_the_end(brand: Brand) -> None:
    order(brand, "黛玉", "诗社")
    brand.box.faults.at("externalcontact/mark_tag", http_5xx=1.0)

    for _ in range(TRIES):
        put_tags(brand.ledger, CORP, brand.api, brand.now())
        brand.box.clock.step(48 * HOUR)

    ((state, reason),) = states(brand)
    assert state == "failed"
    assert reason
