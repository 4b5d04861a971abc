"""Tags that journeys put (打标签): what is a fact here already is told to WeCom, for every member of staff who has the contact.

WeCom keeps tags by pairs and by ids; a name that it does not know is made in a group of ours. What was told is noted in the mirror,
so that the next list finds no news in it. A kill before it is noted is a repetition that changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.journeys import orders
from tiefen.act.journeys.orders import Tried, Waiting
from tiefen.kit.errors import TiefenError
from tiefen.kit.slices import slices
from tiefen.kit.text import to_json
from tiefen.ledger import dialect
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import handles, wecom_contacts, wecom_tags
from tiefen.wecom.client import WeCom
from tiefen.wecom.client.errors import FrequencyLimited, NoRelation

GROUP = "铁粉旅程"
"""The group of tags, in WeCom, of those that a journey names first."""
LONGEST_NAME = 30
MOST = 100
"""Orders a turn: each is one call for every member of staff who has the person."""

Pair = tuple[str, str]
"""(userid, external_userid)."""


def put_tags(ledger: Ledger, corp_id: str, api: WeCom, now_us: int) -> int:
    """Carry out what is due; returns how many orders came to their end."""
    with ledger.read() as connection:
        some = orders.due(connection, corp_id, "tag", now_us, MOST)
        if not some:
            return 0
        pairs = _pairs(connection, corp_id, {order.person for order in some})
        known = _known(connection, corp_id, {order.body["tag"] for order in some})
    tagging = _Tagging(api, pairs, known)
    tried: list[Tried] = []
    try:
        for order in some:
            tried.append(tagging.tried(order))
    finally:
        # What was done before a limit was reached is noted too.
        with ledger.write() as connection:
            _note(connection, corp_id, tagging)
            ended = orders.settle(connection, corp_id, tried, now_us)
    return ended


class _Tagging:
    """Tells WeCom of tags, and remembers what it was told."""

    def __init__(self, api: WeCom, pairs: dict[int, list[Any]], known: dict[str, str]) -> None:
        self._api, self._pairs, self._known = api, pairs, known
        self.made: list[tuple[str, str, str]] = []
        """(tag, its name, its group) that were made."""
        self.tags = {
            (row.userid, row.external_userid): dict(msgspec.json.decode(row.tags))
            for some in pairs.values()
            for row in some
        }
        self.changed: set[Pair] = set()

    def tried(self, order: Waiting) -> Tried:
        try:
            reason = self._put(order.person, order.body["tag"], off=bool(order.body["off"]))
        except FrequencyLimited:
            raise
        except TiefenError as error:
            return Tried(order, "again", str(error))
        return Tried(order, "failed", reason) if reason else Tried(order, "done")

    def _put(self, person: int, name: str, *, off: bool) -> str | None:
        """Returns why there is nobody to tell it of."""
        if not self._pairs.get(person):
            return "lost_contact"
        if name not in self._known:
            if off:
                return None  # nobody can have a tag that is not there
            if len(name) > LONGEST_NAME:
                return "name_too_long"
            self._make(name)
        told = [self._mark((row.userid, row.external_userid), name, off=off) for row in self._pairs[person]]
        return None if any(told) else "lost_contact"

    def _make(self, name: str) -> None:
        made = self._api.tags.add_corp_tag([name], group_name=GROUP)
        tag_id = next(tag.id for tag in made.tag if tag.name == name)
        self._known[name] = tag_id
        self.made.append((tag_id, name, made.group_id))

    def _mark(self, pair: Pair, name: str, *, off: bool) -> bool:
        tag_id, tags = self._known[name], self.tags[pair]
        if (tag_id in tags) != off:
            return True
        try:
            self._api.tags.mark_tag(*pair, add_tag=() if off else (tag_id,), remove_tag=(tag_id,) if off else ())
        except NoRelation:
            return False
        if off:
            del tags[tag_id]
        else:
            tags[tag_id] = name
        self.changed.add(pair)
        return True


def _note(connection: Connection, corp_id: str, tagging: _Tagging) -> None:
    dialect.put(
        connection, wecom_tags,
        [
            {
                "corp_id": corp_id, "tag_id": tag_id, "name": name, "group_id": group_id, "group_name": GROUP,
                "deleted_us": None,
            }
            for tag_id, name, group_id in tagging.made
        ],
    )  # fmt: skip
    rows = [(to_json(tagging.tags[pair]), corp_id, *pair) for pair in sorted(tagging.changed)]
    dialect.change_many(connection, "wecom_contacts", ("tags",), ("corp_id", "userid", "external_userid"), rows)


def _pairs(connection: Connection, corp_id: str, persons: set[int]) -> dict[int, list[Any]]:
    """Who has each of these people as a contact now."""
    own = handles.alias("own")
    found: dict[int, list[Any]] = defaultdict(list)
    for some in slices(sorted(persons)):
        asked = (
            sa.select(own.c.handle, wecom_contacts.c.userid, wecom_contacts.c.external_userid, wecom_contacts.c.tags)
            .select_from(own)
            .join(handles, sa.and_(handles.c.person_id == own.c.person_id, handles.c.id_type == "external_userid"))
            .join(
                wecom_contacts,
                sa.and_(wecom_contacts.c.corp_id == corp_id, wecom_contacts.c.external_userid == handles.c.id_value),
            )
            .where(
                own.c.corp_id == corp_id, own.c.handle.in_(some), wecom_contacts.c.added_us.is_not(None),
                wecom_contacts.c.lost_us.is_(None),
            )
            .order_by(wecom_contacts.c.userid)
        )  # fmt: skip
        for row in connection.execute(asked):
            found[row.handle].append(row)
    return found


def _known(connection: Connection, corp_id: str, names: Collection[str]) -> dict[str, str]:
    """The id of each of these tags that is there; of several with one name the first."""
    found: dict[str, str] = {}
    for some in slices(sorted(names)):
        asked = sa.select(wecom_tags.c.name, wecom_tags.c.tag_id).where(
            wecom_tags.c.corp_id == corp_id, wecom_tags.c.name.in_(some), wecom_tags.c.deleted_us.is_(None)
        )
        found |= dialect.pairs(connection.execute(asked.order_by(wecom_tags.c.tag_id.desc())))
    return found
