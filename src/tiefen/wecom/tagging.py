"""Tags that journeys put (打标签): what is a fact here already is told to WeCom, for every member of staff who has the contact.

WeCom keeps tags by pairs and by ids; a name that it does not know is made in a group of ours. What was told is noted in the mirror,
so that the next list finds no news in it. A kill between the two is a repetition that changes nothing.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.clock import SECOND_US
from tiefen.kit.errors import TiefenError
from tiefen.kit.text import to_json
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import handles, wecom_contacts, wecom_tags
from tiefen.ledger.schema.journeys import journey_orders
from tiefen.wecom.client import WeCom
from tiefen.wecom.client.errors import FrequencyLimited, NoRelation

GROUP = "铁粉旅程"
"""The group of tags, in WeCom, of those that a journey names first."""
LONGEST_NAME = 30
MOST = 200
"""Orders a turn: each is one call for every member of staff who has the person."""
TRIES, _PAUSE_US = 5, 300 * SECOND_US


def put_tags(ledger: Ledger, corp_id: str, api: WeCom, now_us: int) -> int:
    """Carry out what is due; returns how many orders came to their end. What fails is tried again, five times at most."""
    due = (
        sa.select(journey_orders)
        .where(
            journey_orders.c.corp_id == corp_id, journey_orders.c.kind == "tag", journey_orders.c.state == "waiting",
            journey_orders.c.due_us <= now_us,
        )
        .order_by(journey_orders.c.due_us)
        .limit(MOST)
    )  # fmt: skip
    with ledger.read() as connection:
        orders = connection.execute(due).all()
    ended = 0
    for order in orders:
        body = msgspec.json.decode(order.body)
        try:
            reason = _put(ledger, corp_id, api, order.person, body["tag"], off=bool(body["off"]))
        except FrequencyLimited:
            raise
        except TiefenError as error:
            ended += _again(ledger, order, str(error), now_us)
            continue
        _end(ledger, order, "failed" if reason else "done", reason)
        ended += 1
    return ended


def _put(ledger: Ledger, corp_id: str, api: WeCom, person: int, name: str, *, off: bool) -> str | None:
    """Tell WeCom; returns why there is nobody to tell it of."""
    with ledger.read() as connection:
        pairs = _pairs(connection, corp_id, person)
        tag_id = _known(connection, corp_id, name)
    if not pairs:
        return "lost_contact"
    if tag_id is None:
        if off:
            return None  # nobody can have a tag that is not there
        if len(name) > LONGEST_NAME:
            return "name_too_long"
        made = api.tags.add_corp_tag([name], group_name=GROUP)
        tag_id = next(tag.id for tag in made.tag if tag.name == name)
        with ledger.write() as connection:
            connection.execute(
                sa.insert(wecom_tags).values(
                    corp_id=corp_id, tag_id=tag_id, name=name, group_id=made.group_id, group_name=GROUP, deleted_us=None
                )
            )
    told = 0
    for pair in pairs:
        tags: dict[str, str] = msgspec.json.decode(pair.tags)
        if (tag_id in tags) != off:
            told += 1
            continue
        try:
            api.tags.mark_tag(
                pair.userid, pair.external_userid, add_tag=() if off else (tag_id,), remove_tag=(tag_id,) if off else ()
            )
        except NoRelation:
            continue
        told += 1
        tags = {id: of for id, of in tags.items() if id != tag_id} | ({} if off else {tag_id: name})
        same = (
            wecom_contacts.c.corp_id == corp_id, wecom_contacts.c.userid == pair.userid,
            wecom_contacts.c.external_userid == pair.external_userid,
        )  # fmt: skip
        with ledger.write() as connection:
            connection.execute(sa.update(wecom_contacts).where(*same).values(tags=to_json(tags)))
    return None if told else "lost_contact"


def _pairs(connection: Connection, corp_id: str, person: int) -> list[Any]:
    """Who has this person as a contact now."""
    ids = sa.select(handles.c.id_value).where(
        handles.c.corp_id == corp_id, handles.c.id_type == "external_userid",
        handles.c.person_id == sa.select(handles.c.person_id).where(handles.c.handle == person).scalar_subquery(),
    )  # fmt: skip
    asked = sa.select(wecom_contacts).where(
        wecom_contacts.c.corp_id == corp_id, wecom_contacts.c.external_userid.in_(ids),
        wecom_contacts.c.added_us.is_not(None), wecom_contacts.c.lost_us.is_(None),
    )  # fmt: skip
    return list(connection.execute(asked.order_by(wecom_contacts.c.userid)))


def _known(connection: Connection, corp_id: str, name: str) -> str | None:
    asked = sa.select(wecom_tags.c.tag_id).where(
        wecom_tags.c.corp_id == corp_id, wecom_tags.c.name == name, wecom_tags.c.deleted_us.is_(None)
    )
    return connection.execute(asked.order_by(wecom_tags.c.tag_id)).scalars().first()


def _again(ledger: Ledger, order: Any, why: str, now_us: int) -> int:
    """Try later, or give up."""
    if order.tries + 1 >= TRIES:
        _end(ledger, order, "failed", why)
        return 1
    with ledger.write() as connection:
        connection.execute(
            sa.update(journey_orders)
            .where(journey_orders.c.corp_id == order.corp_id, journey_orders.c.order_id == order.order_id)
            .values(tries=order.tries + 1, reason=why, due_us=now_us + _PAUSE_US * (1 << order.tries))
        )
    return 0


def _end(ledger: Ledger, order: Any, state: str, reason: str | None) -> None:
    with ledger.write() as connection:
        connection.execute(
            sa.update(journey_orders)
            .where(journey_orders.c.corp_id == order.corp_id, journey_orders.c.order_id == order.order_id)
            .values(state=state, reason=reason, tries=order.tries + 1)
        )
