"""The mirror's rows, read and written in sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.slices import slices
from tiefen.kit.text import clean, to_json
from tiefen.ledger import dialect
from tiefen.ledger.digests import erased_of
from tiefen.ledger.facts import Id
from tiefen.ledger.identity import normal
from tiefen.ledger.schema import (
    groups,
    handles,
    marks,
    wecom_contacts,
    wecom_entrances,
    wecom_groups,
    wecom_link_contacts,
    wecom_members,
    wecom_staff,
    wecom_tags,
)
from tiefen.ledger.stays import Mark

Pair = tuple[str, str]
"""A userid and an external_userid."""


@dataclass(slots=True)
class ContactRow:
    """A member of staff and a person outside; see `wecom_contacts`."""

    userid: str
    external_userid: str
    added_us: int | None = None
    lost_us: int | None = None
    lost_by: str | None = None
    half_us: int | None = None
    state: str = ""
    add_way: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    card: str = ""
    told_us: int = 0
    edited_us: int = 0
    seen_us: int = 0

    @property
    def there(self) -> bool:
        """Whether they are in touch."""
        return self.added_us is not None and self.lost_us is None


@dataclass(slots=True)
class GroupRow:
    """A group; see `wecom_groups`."""

    chat_id: str
    name: str = ""
    owner: str = ""
    status: int = 0
    created_us: int | None = None
    dismissed_us: int | None = None
    version: str = ""
    renamed_us: int = 0
    reowned_us: int = 0
    listed_us: int = 0
    seen_us: int = 0
    hidden: str | None = None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody in a group; see `wecom_members`."""

    member_id: str
    staff: bool
    joined_us: int
    via: str
    invitor: str | None = None
    state: str = ""

    @property
    def id(self) -> Id:
        return staff(self.member_id) if self.staff else contact(self.member_id)


class Keys:
    """Ids as they stand in the rows: as WeCom gives them, and of somebody erased the digest that is left of them."""

    def __init__(self, connection: Connection, corp_id: str, ids: Iterable[Id]) -> None:
        self._erased: dict[Id, str] = {}
        erased = erased_of(connection, corp_id)
        if erased is None:
            return
        digests = {erased.digest(normal(id)): id for id in set(ids)}
        for some in slices(sorted(digests)):
            asked = sa.select(handles.c.id_value).where(handles.c.corp_id == corp_id, handles.c.id_value.in_(some))
            self._erased |= {digests[value]: value for value in connection.scalars(asked)}

    def person(self, external_userid: str) -> str:
        return self.of(contact(external_userid)).value

    def of(self, id: Id) -> Id:
        return Id(id.type, self._erased.get(id, id.value))


def contact(external_userid: str) -> Id:
    return Id("external_userid", external_userid)


def union(unionid: str) -> Id:
    return Id("unionid", unionid)


def staff(userid: str) -> Id:
    return Id("staff_userid", userid)


# ---- reading ------------------------------------------------------------------------------------


def contacts_of_pairs(connection: Connection, corp_id: str, pairs: Iterable[Pair]) -> dict[Pair, ContactRow]:
    """The rows of these pairs, as far as there are any."""
    wanted = set(pairs)
    table = wecom_contacts
    found: dict[Pair, ContactRow] = {}
    for some in slices(sorted({person for _, person in wanted})):
        asked = sa.select(table).where(table.c.corp_id == corp_id, table.c.external_userid.in_(some))
        found |= {(row.userid, row.external_userid): row for row in map(_contact, connection.execute(asked))}
    return found


def contacts_not_seen(connection: Connection, corp_id: str, userids: Sequence[str], since_us: int) -> list[ContactRow]:
    """Who is in the lists of these staff, was so before a list began, and was not in it."""
    table = wecom_contacts.c
    found: list[ContactRow] = []
    for some in slices(sorted(userids)):
        asked = sa.select(wecom_contacts).where(
            table.corp_id == corp_id, table.userid.in_(some), table.added_us < since_us, table.seen_us < since_us,
            table.told_us < since_us, sa.or_(table.lost_us.is_(None), table.lost_by == "person"),
        )  # fmt: skip
        found += map(_contact, connection.execute(asked))
    return found


def contacts_tagged(connection: Connection, corp_id: str, tag_id: str) -> list[ContactRow]:
    """Who bears a tag."""
    asked = sa.select(wecom_contacts).where(
        wecom_contacts.c.corp_id == corp_id, wecom_contacts.c.tags.contains(to_json(tag_id), autoescape=True)
    )
    return [_contact(row) for row in connection.execute(asked)]


def tag_names(connection: Connection, corp_id: str) -> dict[str, str]:
    asked = sa.select(wecom_tags.c.tag_id, wecom_tags.c.name).where(wecom_tags.c.corp_id == corp_id)
    return dialect.pairs(connection.execute(asked))


def _contact(row: Any) -> ContactRow:
    _, *values = row
    made = ContactRow(*values)
    made.tags = msgspec.json.decode(row.tags)
    return made


def groups_of(connection: Connection, corp_id: str, chat_ids: Iterable[str]) -> dict[str, GroupRow]:
    found: dict[str, GroupRow] = {}
    for some in slices(sorted(set(chat_ids))):
        asked = sa.select(wecom_groups).where(wecom_groups.c.corp_id == corp_id, wecom_groups.c.chat_id.in_(some))
        for row in connection.execute(asked):
            _, *values = row
            found[row.chat_id] = GroupRow(*values)
    return found


def members_of(connection: Connection, corp_id: str, chat_id: str) -> dict[Id, MemberRow]:
    asked = sa.select(
        wecom_members.c.member_id, wecom_members.c.staff, wecom_members.c.joined_us, wecom_members.c.via,
        wecom_members.c.invitor, wecom_members.c.state,
    ).where(wecom_members.c.corp_id == corp_id, wecom_members.c.chat_id == chat_id)  # fmt: skip
    found = (MemberRow(*row) for row in connection.execute(asked))
    return {row.id: row for row in found}


def marks_of(
    connection: Connection, corp_id: str, chat_ids: Iterable[str], members: Iterable[str] | None = None
) -> dict[tuple[str, Id], list[Mark]]:
    """What was told of people's presence in these groups, by (chat_id, member); of these members alone if named."""
    asked = (
        sa.select(groups.c.outer_id, handles.c.id_type, handles.c.id_value, marks)
        .join(marks, marks.c.group == groups.c.group_id)
        .join(handles, handles.c.handle == marks.c.member)
        .where(groups.c.corp_id == corp_id, handles.c.id_type.in_(("external_userid", "staff_userid")))
    )
    found: dict[tuple[str, Id], list[Mark]] = {}
    named: list[Sequence[str] | None] = [None] if members is None else [*slices(sorted(set(members)))]
    for chats in slices(sorted(set(chat_ids))):
        for some in named:
            query = asked.where(groups.c.outer_id.in_(chats))
            if some is not None:
                query = query.where(handles.c.id_value.in_(some))
            for row in connection.execute(query):
                mark = Mark(row.what, row.at_us, row.how, row.by, bool(row.inferred))
                found.setdefault((row.outer_id, Id(row.id_type, row.id_value)), []).append(mark)
    return found


def is_staff(connection: Connection, corp_id: str, ids: Iterable[str]) -> set[str]:
    """Which of these ids are those of staff that is known."""
    found: set[str] = set()
    for some in slices(sorted(set(ids))):
        asked = sa.select(wecom_staff.c.userid).where(wecom_staff.c.corp_id == corp_id, wecom_staff.c.userid.in_(some))
        found.update(connection.scalars(asked))
    return found


def serving(connection: Connection, corp_id: str) -> set[str]:
    """Staff whose contacts the app can see now."""
    asked = sa.select(wecom_staff.c.userid).where(wecom_staff.c.corp_id == corp_id, wecom_staff.c.serves.is_(True))
    return set(connection.scalars(asked))


def sources_of_states(connection: Connection, corp_id: str, states: Iterable[str]) -> dict[str, str]:
    """What people came by, from the state their entrance carries: its name, else the state itself."""
    found = {state: state for state in states if state}
    for some in slices(sorted(found)):
        asked = sa.select(wecom_entrances.c.state, wecom_entrances.c.name).where(
            wecom_entrances.c.corp_id == corp_id, wecom_entrances.c.state.in_(some), wecom_entrances.c.name != ""
        )
        found |= dialect.pairs(connection.execute(asked.order_by(wecom_entrances.c.entrance_id.desc())))
    return found


def links_of(connection: Connection, corp_id: str, people: Iterable[str]) -> dict[Pair, str]:
    """The name of the acquisition link a pair came together by."""
    found: dict[Pair, str] = {}
    for some in slices(sorted(set(people))):
        asked = (
            sa.select(wecom_link_contacts.c.userid, wecom_link_contacts.c.external_userid, wecom_entrances.c.name)
            .join(
                wecom_entrances,
                (wecom_entrances.c.corp_id == wecom_link_contacts.c.corp_id)
                & (wecom_entrances.c.kind == "link")
                & (wecom_entrances.c.entrance_id == wecom_link_contacts.c.link_id),
            )
            .where(wecom_link_contacts.c.corp_id == corp_id, wecom_link_contacts.c.external_userid.in_(some))
        )
        found |= {(userid, person): name for userid, person, name in connection.execute(asked) if name}
    return found


# ---- writing ------------------------------------------------------------------------------------


def save_contacts(connection: Connection, corp_id: str, rows: Iterable[ContactRow]) -> None:
    dialect.put(
        connection, wecom_contacts, [{"corp_id": corp_id, **plain(row), "tags": to_json(row.tags)} for row in rows]
    )


def save_groups(connection: Connection, corp_id: str, rows: Iterable[GroupRow]) -> None:
    dialect.put(connection, wecom_groups, [{"corp_id": corp_id, **plain(row)} for row in rows])


def save_members(connection: Connection, corp_id: str, of: Mapping[str, Iterable[MemberRow]]) -> None:
    """Members of groups, by `chat_id`."""
    dialect.put(
        connection, wecom_members,
        [{"corp_id": corp_id, "chat_id": chat_id, **plain(row)} for chat_id, members in of.items() for row in members],
    )  # fmt: skip


def drop_members(connection: Connection, corp_id: str, chat_id: str, members: Sequence[str]) -> None:
    table = wecom_members.c
    for some in slices(members):
        connection.execute(
            sa.delete(wecom_members).where(
                table.corp_id == corp_id, table.chat_id == chat_id, table.member_id.in_(some)
            )
        )


def plain(row: Any) -> dict[str, Any]:
    """The fields of a row, its texts as any store can keep them."""
    values = {one.name: getattr(row, one.name) for one in fields(row)}
    return {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}
