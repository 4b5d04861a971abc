"""A small shop: people who are contacts of staff, groups they own, and broadcasts for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tests.conftest import CORP
from tiefen.act.broadcasts import keeping, proposing
from tiefen.act.broadcasts.keeping import Broadcast
from tiefen.act.broadcasts.plan import Plan, ToPersons, Variant
from tiefen.act.message import Message
from tiefen.act.proposal import Purpose
from tiefen.kit.clock import DAY_US, to_us
from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch, GroupCard, Profile
from tiefen.ledger.facts import GroupCreated, Id
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import groups, handles, wecom_contacts, wecom_groups, wecom_staff
from tiefen.ledger.schema.touches import proposals

NOW = to_us(datetime.fromisoformat("2026-11-26T12:00:00+08:00"))
TEXT = '{{ name | or_else("朋友") }}，新茶到了'


def id_of(name: str) -> Id:
    return Id("external_userid", f"wm{name}")


class Shop:
    """People by name, and what they are known by."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        with ledger.write() as connection:
            connection.execute(
                sa.insert(wecom_staff),
                [
                    {"corp_id": CORP, "userid": "pinger", "name": "平儿", "serves": True, "seen_us": NOW},
                    {"corp_id": CORP, "userid": "xiren", "name": "袭人", "serves": True, "seen_us": NOW},
                ],
            )

    def people(self, *names: str, staff: str = "pinger", contact: bool = True, **attributes: Any) -> list[int]:
        """People with these names, contacts of a member of staff for a hundred days; returns their numbers."""
        profiles = [Profile(id_of(name), name, attributes) for name in names]
        self.ledger.append(Batch(CORP, "scene", profiles=profiles))
        with self.ledger.write() as connection:
            if contact:
                connection.execute(
                    sa.insert(wecom_contacts),
                    [
                        {
                            "corp_id": CORP, "userid": staff, "external_userid": id_of(name).value,
                            "added_us": NOW - 100 * DAY_US,
                        }
                        for name in names
                    ],
                )  # fmt: skip
            asked = sa.select(handles.c.id_value, handles.c.person_id).where(handles.c.id_type == "external_userid")
            found = dialect.pairs(connection.execute(asked))
        return [found[id_of(name).value] for name in names]

    def crowd(self, many: int) -> list[int]:
        return self.people(*(f"客{n}" for n in range(many)))

    def group(self, chat_id: str, name: str, owner: str = "pinger") -> int:
        founded = GroupCreated(happened_us=1, source_id=chat_id, group=chat_id, owner=Id("staff_userid", owner))
        self.ledger.append(Batch(CORP, "scene", [founded], groups=[GroupCard(chat_id, name, "wecom")]))
        with self.ledger.write() as connection:
            connection.execute(sa.insert(wecom_groups).values(corp_id=CORP, chat_id=chat_id, name=name, owner=owner))
            asked = sa.select(groups.c.group_id).where(groups.c.outer_id == chat_id)
            return int(connection.execute(asked).scalar_one())

    def draft(self, purpose: Purpose = "give", name: str = "新茶", **plan: Any) -> Broadcast:
        usual: dict[str, Any] = {"whom": ToPersons(everyone=True), "variants": (said(TEXT),), "holdout": 0.0}
        with self.ledger.write() as connection:
            return keeping.create(connection, CORP, name, purpose, Plan(**(usual | plan)), NOW)

    def approve(self, draft: Broadcast, at: int = NOW) -> Broadcast:
        with self.ledger.write() as connection:
            return keeping.approve(connection, CORP, draft.campaign_id, draft.version, "xifeng@example.org", at)

    def get(self, of: Broadcast) -> Broadcast:
        with self.ledger.read() as connection:
            return keeping.get(connection, CORP, of.campaign_id)

    def turn(self, now_us: int = NOW) -> int:
        """Turns until nothing is to be done at once; how many it took."""
        times = 1
        while proposing.turn(self.ledger, self.ledger.settings, CORP, now_us):
            times += 1
        return times

    def rows(self, of: Broadcast) -> Sequence[Any]:
        with self.ledger.read() as connection:
            asked = sa.select(proposals).where(proposals.c.campaign_id == of.campaign_id)
            return connection.execute(asked.order_by(proposals.c.person, proposals.c.group)).all()


def said(text: str, name: str = "A", share: int = 1) -> Variant:
    return Variant(name=name, message=Message(text=text), share=share)


def deliver(shop: Shop, of: Broadcast, at_us: int = NOW) -> None:
    """Everything that was proposed arrived, at that instant."""
    with shop.ledger.write() as connection:
        mine = proposals.c.campaign_id == of.campaign_id
        moved = sa.update(proposals).where(mine, proposals.c.state == "proposed")
        connection.execute(moved.values(state="delivered", moved_us=at_us))
