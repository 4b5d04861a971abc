"""The mirror of one corp: the door for events and for lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.clock import now_us
from tiefen.ledger import dialect
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_contacts, wecom_groups, wecom_members, wecom_staff
from tiefen.wecom.client.endpoints.acquisition import LinkContact
from tiefen.wecom.client.endpoints.contacts import ContactReply, ContactsOfStaff
from tiefen.wecom.client.endpoints.directory import Department, StaffCard
from tiefen.wecom.client.endpoints.groups import Group, GroupStatus
from tiefen.wecom.client.endpoints.tags import TagGroup
from tiefen.wecom.events import Event
from tiefen.wecom.mirror import contacts, directory, groups, rows, taking
from tiefen.wecom.mirror.pulls import Pulls, answered
from tiefen.wecom.mirror.rows import Keys
from tiefen.wecom.mirror.work import CALLBACK, LIST, Work

Also = Callable[[Connection], None]
"""What else is to be written in the same transaction, such as how far a list was read."""


@dataclass(frozen=True, slots=True)
class Made:
    """What something amounted to: new facts, and how many of them no event told."""

    facts: int = 0
    inferred: int = 0

    def __add__(self, other: Made) -> Made:
        return Made(self.facts + other.facts, self.inferred + other.inferred)


class Mirror:
    """What is known of WeCom's present state, and the one place where what WeCom tells becomes facts.

    Each call is one transaction: its facts, its rows and its wishes are kept together or not at all, so that calls may be
    repeated, come from several processes and be cut off anywhere. `seen_us` is when a list was asked for, by WeCom's clock.
    """

    def __init__(self, ledger: Ledger, corp_id: str, *, clock: Callable[[], int] = now_us) -> None:
        self._ledger, self._corp_id, self._clock = ledger, corp_id, clock

    def take(self, events: Sequence[Event]) -> Pulls:
        """Take events, in any order, doubled, late, about anybody. What has to be asked for is written down with them."""
        with self._work(CALLBACK) as (work, _):
            taking.take(work, events)
        return Pulls(tuple(work.pulls.values()))

    # ---- lists ----

    def contacts_of(self, page: ContactsOfStaff, seen_us: int, also: Also | None = None) -> Made:
        """A page of contacts of staff (`batch/get_by_user`)."""
        told = [
            contacts.Told(person=one.external_contact, follow=one.follow_info) for one in page.external_contact_list
        ]
        with self._work(LIST, also) as (work, made):
            contacts.seen(work, self._keys(work, told), told, seen_us)
            answered(work.connection, self._corp_id, "contact", {one.person.external_userid for one in told}, seen_us)
        return made()

    def contacts_missing(self, userids: Sequence[str], since_us: int, also: Also | None = None) -> int:
        """All pages of these staff, begun at `since_us`, are read. Whoever was in none of them is asked for one by one;
        returns how many."""
        with self._work(LIST, also) as (work, _):
            missing = rows.contacts_not_seen(work.connection, self._corp_id, userids, since_us)
            for row in missing:
                work.pull("contact", row.external_userid)
        return len(work.pulls)

    def contact(
        self, external_userid: str, replies: Sequence[ContactReply], seen_us: int, also: Also | None = None
    ) -> Made:
        """Everybody in touch with one person (`get`, all pages); no replies where WeCom knows of nobody."""
        told = [contacts.Told(person=one.external_contact, follow=f) for one in replies for f in one.follow_user]
        with self._work(LIST, also) as (work, made):
            keys = Keys(work.connection, self._corp_id, [rows.contact(external_userid)])
            serving = rows.serving(work.connection, self._corp_id)
            contacts.asked_for(work, keys, external_userid, told, seen_us, serving)
        return made()

    def groups_listed(self, page: Sequence[GroupStatus], listed_us: int, also: Also | None = None) -> None:
        """A page of the list of groups."""
        with self._work(LIST, also) as (work, _):
            work.read_groups(one.chat_id for one in page)
            for one in page:
                row = work.group(one.chat_id)
                row.status, row.listed_us, row.hidden = one.status, max(row.listed_us, listed_us), None

    def groups_missing(self, listed_us: int, also: Also | None = None) -> int:
        """The whole list of groups was read. Those it did not have are asked for one by one; returns how many."""
        table = wecom_groups.c
        with self._work(LIST, also) as (work, _):
            asked = sa.select(table.chat_id).where(
                table.corp_id == self._corp_id, table.listed_us < listed_us, table.dismissed_us.is_(None),
                table.hidden.is_(None),
            )  # fmt: skip
            for chat_id in work.connection.scalars(asked):
                work.pull("group", chat_id)
        return len(work.pulls)

    def group(self, group: Group, seen_us: int, also: Also | None = None) -> Made:
        """A group with everybody in it (`groupchat/get`)."""
        with self._work(LIST, also) as (work, made):
            keys = Keys(work.connection, self._corp_id, map(groups.member_id, group.member_list))
            work.read_groups([group.chat_id])
            work.read_marks([group.chat_id])
            groups.seen(work, keys, group, seen_us)
            answered(work.connection, self._corp_id, "group", {group.chat_id}, seen_us)
        return made()

    def group_dismissed(self, chat_id: str, seen_us: int, also: Also | None = None) -> Made:
        """WeCom says that the group is no more (49008)."""
        with self._work(LIST, also) as (work, made):
            work.read_groups([chat_id])
            groups.dismissed(work, chat_id, seen_us)
        return made()

    def group_hidden(self, chat_id: str, why: str, also: Also | None = None) -> None:
        """The app cannot see the group any more: nothing follows for those in it."""
        with self._work(LIST, also) as (work, _):
            work.read_groups([chat_id])
            work.group(chat_id).hidden = why

    def staff(
        self, cards: Sequence[StaffCard], serving: Sequence[str], departments: Sequence[Department] | None, seen_us: int, *,
        whole: bool, also: Also | None = None,
    ) -> None:  # fmt: skip
        """Who works here, as far as the app can see."""
        with self._work(LIST, also) as (work, _):
            directory.staff(work, cards, serving, seen_us, whole=whole)
            if departments is not None:
                directory.departments(work, departments)

    def tags(self, told: Sequence[TagGroup], seen_us: int, also: Also | None = None) -> Made:
        """All tags of the corp."""
        with self._work(LIST, also) as (work, made):
            directory.tags(work, told, seen_us)
        return made()

    def entrance(
        self, kind: str, entrance_id: str, name: str, state: str, body: object, seen_us: int, also: Also | None = None
    ) -> None:
        """A way in: contact_way, join_way or link."""
        with self._work(LIST, also) as (work, _):
            directory.entrance(work, kind, entrance_id, name, state, body, seen_us)

    def entrances_missing(self, kind: str, seen_us: int, also: Also | None = None) -> None:
        """All ways in of a kind were read."""
        with self._work(LIST, also) as (work, _):
            directory.entrances_gone(work, kind, seen_us)

    def link_contacts(self, link_id: str, told: Sequence[LinkContact], also: Also | None = None) -> None:
        """Who came by an acquisition link."""
        with self._work(LIST, also) as (work, _):
            keys = Keys(work.connection, self._corp_id, [rows.contact(one.external_userid) for one in told])
            directory.link_contacts(work, keys, link_id, told)

    def numbers(self, what: str, told: Sequence[tuple[str, int, object]], also: Also | None = None) -> None:
        """WeCom's own counts."""
        with self._work(LIST, also) as (work, _):
            directory.numbers(work, what, told)

    # ---- what is known ----

    def serving(self) -> list[str]:
        """Staff whose contacts the app can see."""
        with self._ledger.read() as connection:
            return sorted(rows.serving(connection, self._corp_id))

    def groups_to_read(self, since_us: int) -> list[str]:
        """Groups that a list has had since then and whose members were not read since."""
        table = wecom_groups.c
        asked = sa.select(table.chat_id).where(
            table.corp_id == self._corp_id, table.listed_us >= since_us, table.seen_us < since_us,
            table.dismissed_us.is_(None), table.hidden.is_(None),
        )  # fmt: skip
        with self._ledger.read() as connection:
            return list(connection.scalars(asked.order_by(table.chat_id)))

    def version(self, chat_id: str) -> str:
        """The version of a group's members as they are known; empty where they were never read."""
        with self._ledger.read() as connection:
            row = rows.groups_of(connection, self._corp_id, [chat_id]).get(chat_id)
        return row.version if row is not None else ""

    def owners(self) -> list[str]:
        """Staff who own a group that is not dismissed."""
        table = wecom_groups.c
        asked = sa.select(table.owner).where(
            table.corp_id == self._corp_id, table.owner != "", table.dismissed_us.is_(None)
        )
        with self._ledger.read() as connection:
            return sorted(set(connection.scalars(asked)))

    def sizes(self) -> dict[str, int]:
        """How much is known: staff, contacts (pairs in touch), groups that are not dismissed, members."""
        of = {
            "staff": sa.select(sa.func.count()).where(
                wecom_staff.c.corp_id == self._corp_id, wecom_staff.c.gone_us.is_(None)
            ),
            "contacts": sa.select(sa.func.count()).where(
                wecom_contacts.c.corp_id == self._corp_id, wecom_contacts.c.added_us.is_not(None),
                wecom_contacts.c.lost_us.is_(None),
            ),
            "groups": sa.select(sa.func.count()).where(
                wecom_groups.c.corp_id == self._corp_id, wecom_groups.c.dismissed_us.is_(None)
            ),
            "members": sa.select(sa.func.count()).where(wecom_members.c.corp_id == self._corp_id),
        }  # fmt: skip
        with self._ledger.read() as connection:
            return {name: int(connection.execute(asked).scalar_one()) for name, asked in of.items()}

    # ---- one transaction ----

    @contextmanager
    def _work(self, origin: str, also: Also | None = None) -> Iterator[tuple[Work, Callable[[], Made]]]:
        counted = Made()
        with self._ledger.together() as together, dialect.no_garbage():
            work = Work(together, self._corp_id, origin, self._clock())
            yield work, lambda: counted
            receipt = work.keep()
            counted = Made(receipt.accepted, work.inferred)
            if also is not None:
                also(work.connection)

    def _keys(self, work: Work, told: Sequence[contacts.Told]) -> Keys:
        return Keys(work.connection, self._corp_id, [rows.contact(one.person.external_userid) for one in told])
