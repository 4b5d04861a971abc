"""One transaction of the mirror: what was read for it, and what it comes to, kept whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import Connection

from tiefen.kit.clock import SECOND_US
from tiefen.ledger.batch import Batch, GroupCard, Link, Profile, Receipt
from tiefen.ledger.facts import Fact, Id, MemberJoined, MemberLeft
from tiefen.ledger.stays import Mark
from tiefen.ledger.writing import Together
from tiefen.wecom.mirror import rows
from tiefen.wecom.mirror.presence import Told
from tiefen.wecom.mirror.pulls import Pull, What, wish
from tiefen.wecom.mirror.rows import ContactRow, GroupRow, MemberRow, Pair

CALLBACK, LIST = "wecom:callback", "wecom:list"
"""The origin of a fact: an event told it, or a list showed it."""


class Work:
    """What a batch of events, or a piece of a list, amounts to."""

    def __init__(self, together: Together, corp_id: str, origin: str, now_us: int) -> None:
        self.together, self.corp_id, self.origin, self.now_us = together, corp_id, origin, now_us
        self.facts: list[Fact] = []
        self.profiles: list[Profile] = []
        self.links: list[Link] = []
        self.cards: dict[str, GroupCard] = {}
        self.pulls: dict[tuple[str, str], Pull] = {}
        self.contacts: dict[Pair, ContactRow] = {}
        self.changed_contacts: set[Pair] = set()
        self.groups: dict[str, GroupRow] = {}
        self.changed_groups: set[str] = set()
        self.marks: dict[tuple[str, Id], list[Mark]] = {}
        self.came: dict[str, dict[str, MemberRow]] = {}
        self.went: dict[str, set[str]] = {}
        self.inferred = 0

    @property
    def connection(self) -> Connection:
        return self.together.connection

    # ---- what is read -----------------------------------------------------------------------

    def read_contacts(self, pairs: Iterable[Pair]) -> None:
        self.contacts |= rows.contacts_of_pairs(self.connection, self.corp_id, pairs)

    def read_groups(self, chat_ids: Iterable[str]) -> None:
        self.groups |= rows.groups_of(self.connection, self.corp_id, chat_ids)

    def read_marks(self, chat_ids: Iterable[str], members: Iterable[str] | None = None) -> None:
        self.marks |= rows.marks_of(self.connection, self.corp_id, chat_ids, members)

    # ---- what it comes to -------------------------------------------------------------------

    def contact(self, pair: Pair) -> ContactRow:
        """The row of a pair, about to be changed."""
        self.changed_contacts.add(pair)
        return self.contacts.setdefault(pair, ContactRow(*pair))

    def group(self, chat_id: str) -> GroupRow:
        """The row of a group, about to be changed."""
        self.changed_groups.add(chat_id)
        return self.groups.setdefault(chat_id, GroupRow(chat_id))

    def tell_presence(
        self, chat_id: str, member: Id, key: Id, told: Iterable[Told], *, how: str = "unknown",
        invited_by: Id | None = None,
    ) -> None:  # fmt: skip
        """Somebody came or went. `how` is how they came or went, where that was told along with it."""
        for one in told:
            way = "unknown" if one.inferred and one.what == "left" else how
            source_id = source("member", one.what, chat_id, *key, str(one.at_us))
            self.inferred += one.inferred
            if one.what == "joined":
                self.facts.append(
                    MemberJoined(
                        happened_us=one.at_us, source_id=source_id, group=chat_id, member=member, via=way,
                        invited_by=invited_by, inferred=one.inferred,
                    )
                )  # fmt: skip
            else:
                self.facts.append(
                    MemberLeft(
                        happened_us=one.at_us, source_id=source_id, group=chat_id, member=member, how=way,
                        inferred=one.inferred,
                    )
                )  # fmt: skip
            self.marks.setdefault((chat_id, key), []).append(one.mark(way))

    def member_came(self, chat_id: str, row: MemberRow) -> None:
        self.went.get(chat_id, set()).discard(row.member_id)
        self.came.setdefault(chat_id, {})[row.member_id] = row

    def member_went(self, chat_id: str, key: str) -> None:
        self.came.get(chat_id, {}).pop(key, None)
        self.went.setdefault(chat_id, set()).add(key)

    def pull(self, what: What, of: str = "", *, after_s: float = 0, version: str = "") -> None:
        """Something is to be asked of WeCom, so many seconds from now."""
        due_us = self.now_us + int(after_s * SECOND_US)
        before = self.pulls.get((what, of))
        self.pulls[what, of] = Pull(what, of, max(due_us, before.due_us if before else 0), version)

    # ---- keeping it -------------------------------------------------------------------------

    def keep(self) -> Receipt:
        """Write all of it."""
        connection, corp_id = self.connection, self.corp_id
        batch = Batch(
            corp_id, self.origin, self.facts, profiles=self.profiles, groups=list(self.cards.values()), links=self.links
        )
        receipt = self.together.append(batch)
        rows.save_contacts(connection, corp_id, [self.contacts[pair] for pair in sorted(self.changed_contacts)])
        rows.save_groups(connection, corp_id, [self.groups[chat_id] for chat_id in sorted(self.changed_groups)])
        rows.save_members(connection, corp_id, {chat_id: members.values() for chat_id, members in self.came.items()})
        for chat_id, gone in self.went.items():
            rows.drop_members(connection, corp_id, chat_id, sorted(gone))
        wish(connection, corp_id, self.pulls.values(), self.now_us)
        return receipt


def source(*parts: str) -> str:
    """The id of a fact told by WeCom: the same whoever tells it, and naming nobody."""
    return "wecom:" + blake2b("\0".join(parts).encode(errors="replace"), digest_size=12).hexdigest()
