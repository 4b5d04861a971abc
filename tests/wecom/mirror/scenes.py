"""Events and lists by hand, and what the ledger then says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tiefen.kit.clock import SECOND_US
from tiefen.ledger import schema
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.paging import facts_page
from tiefen.ledger.schema import groups, handles, people
from tiefen.wecom.client.endpoints.contacts import (
    ContactOfStaff,
    ContactReply,
    ContactsOfStaff,
    ExternalContact,
    Follow,
    FollowInfo,
)
from tiefen.wecom.client.endpoints.groups import Group, GroupMember, WeComId
from tiefen.wecom.events import Event, key_of

CORP = "honglou"
S = SECOND_US
T0 = 1_760_000_000
"""A second from which tests count."""
DAIYU, BAOCHAI, TANCHUN = (
    "wmDaiyu000000000000000000000000",
    "wmBaochai0000000000000000000000",
    "wmTanchun0000000000000000000000",
)
XIFENG, PINGER = "xifeng", "pinger"
POETRY = "wrPoetry"


def at(second: int) -> int:
    """Microseconds of a second after the beginning."""
    return (T0 + second) * S


def event(name: str, change: str, second: int, members: Sequence[str] = (), **fields: str) -> Event:
    told = repr((name, change, second, members, sorted(fields.items()))).encode()
    return Event(
        key=key_of(told, T0 + second), event=name, change=change, at_us=at(second), received_us=at(second) + S // 2,
        fields=fields, members=tuple(members),
    )  # fmt: skip


def contact_event(change: str, second: int, person: str = DAIYU, userid: str = XIFENG, **more: str) -> Event:
    return event("change_external_contact", change, second, UserID=userid, ExternalUserID=person, **more)


def came(second: int, *members: str, last: str = "", current: str = "", scene: str = "3", chat: str = POETRY) -> Event:
    return _moved("add_member", second, members, last, current, chat, JoinScene=scene)


def went(second: int, *members: str, last: str = "", current: str = "", scene: str = "0", chat: str = POETRY) -> Event:
    return _moved("del_member", second, members, last, current, chat, QuitScene=scene)


def _moved(
    detail: str, second: int, members: tuple[str, ...], last: str, current: str, chat: str, **more: str
) -> Event:
    count = str(len(members))
    return event(
        "change_external_chat", "update", second, members, ChatId=chat, UpdateDetail=detail, LastMemVer=last,
        CurMemVer=current, MemChangeCnt=count, **more,
    )  # fmt: skip


def group(
    members: dict[str, int], *, version: str = "v1", name: str = "诗社", owner: str = XIFENG, chat: str = POETRY,
    **more: Any,
) -> Group:  # fmt: skip
    """A group with these members, by when they joined."""
    listed = tuple(
        GroupMember(
            userid=userid, type=2 if userid.startswith("wm") else 1, join_time=T0 + second, join_scene=3, name=userid[2:8],
            **more,
        )
        for userid, second in members.items()
    )  # fmt: skip
    return Group(
        chat_id=chat, name=name, owner=owner, create_time=T0 + 1, member_list=listed, member_version=version,
        admin_list=(WeComId(userid=owner),),
    )  # fmt: skip


def follow(userid: str, second: int, *, tags: Sequence[str] = (), **more: Any) -> FollowInfo:
    return FollowInfo(userid=userid, createtime=T0 + second, tag_id=tuple(tags), **more)


def person(external_userid: str, **more: Any) -> ExternalContact:
    return ExternalContact(external_userid=external_userid, name=external_userid[2:8], type=1, **more)


def page(*of: tuple[str, FollowInfo]) -> ContactsOfStaff:
    return ContactsOfStaff(
        external_contact_list=tuple(
            ContactOfStaff(external_contact=person(external), follow_info=one) for external, one in of
        )
    )


def reply(external_userid: str, *follows: Follow) -> ContactReply:
    return ContactReply(external_contact=person(external_userid), follow_user=follows)


def told(ledger: Ledger, *kinds: str) -> list[tuple[str, int]]:
    """(kind, second after the beginning) of the facts there are, in the order of when they happened."""
    rows = facts_page(ledger, CORP, limit=1_000).rows
    found = [(row.kind, round(row.happened_us / S) - T0) for row in rows if not kinds or row.kind in kinds]
    return sorted(found, key=lambda one: (one[1], one[0]))


def stays(ledger: Ledger, chat: str = POETRY, corp: str = CORP) -> list[tuple[str, int, int | None]]:
    """(member, joined, left) in seconds after the beginning."""
    asked = (
        sa.select(handles.c.id_value, schema.stays.c.joined_us, schema.stays.c.left_us)
        .join(handles, handles.c.handle == schema.stays.c.member)
        .join(groups, groups.c.group_id == schema.stays.c.group)
        .where(groups.c.outer_id == chat, groups.c.corp_id == corp)
    )
    with ledger.read() as connection:
        found = connection.execute(asked).all()
    rounded = [
        (who, round(since / S) - T0, None if left is None else round(left / S) - T0) for who, since, left in found
    ]
    return sorted(rounded, key=lambda one: (one[0], one[1]))


def ids(ledger: Ledger) -> list[str]:
    """Every id the ledger knows."""
    with ledger.read() as connection:
        return sorted(connection.scalars(sa.select(handles.c.id_value)))


def names(ledger: Ledger) -> dict[str | None, bool]:
    """Everybody's name, and whether they work here."""
    with ledger.read() as connection:
        return {row.name: bool(row.staff) for row in connection.execute(sa.select(people)) if row.merged_into is None}


def group_names(ledger: Ledger) -> list[str]:
    with ledger.read() as connection:
        return sorted(connection.scalars(sa.select(groups.c.name)))
