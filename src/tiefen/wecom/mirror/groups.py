"""Groups: events of one, and everything `groupchat/get` tells of it.

MemChangeList is always believed: it says who came or went, and when. LastMemVer only says whether an event before it is missing;
then the group is asked for, once the missing one has had time to come late.
https://developer.work.weixin.qq.com/document/path/92130, 92122
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from tiefen.kit.clock import SECOND_US
from tiefen.kit.text import clean
from tiefen.ledger import schema
from tiefen.ledger.batch import GroupCard, Link, Profile
from tiefen.ledger.facts import GroupCreated, GroupDismissed, GroupOwnerChanged, GroupRenamed, Id
from tiefen.wecom.client.endpoints.groups import Group, GroupMember
from tiefen.wecom.events import Event
from tiefen.wecom.mirror import presence, rows
from tiefen.wecom.mirror.rows import GroupRow, Keys, MemberRow
from tiefen.wecom.mirror.work import Work, source

SETTLES_S = 3.0
"""Details lag some two seconds behind an event."""
LATE_S = 20.0
"""How long an event that seems to be missing may still come: WeCom tries three times, five seconds each."""
_CAME_EVENT = {"0": "invite", "3": "qr_code"}
_CAME_LIST = {1: "invite", 2: "link", 3: "qr_code"}
_WENT = {"0": "left", "1": "removed"}


# ---- events -------------------------------------------------------------------------------------


def created(work: Work, event: Event) -> None:
    """A group came into being; whose it is and what it is called has to be asked."""
    row = work.group(event.get("ChatId"))
    if row.created_us is None:
        row.created_us = event.at_us
    work.pull("group", row.chat_id, after_s=SETTLES_S)


def dismissed(work: Work, chat_id: str, at_us: int) -> None:
    """A group is no more, and nobody is in it."""
    row = work.group(chat_id)
    if row.dismissed_us is not None:
        return
    if row.seen_us == 0 and row.created_us is not None:
        _tell_created(work, row, row.created_us, None)
    row.dismissed_us = at_us
    work.facts.append(GroupDismissed(happened_us=at_us, source_id=source("group", "dismissed", chat_id), group=chat_id))
    for key in rows.members_of(work.connection, work.corp_id, chat_id):
        work.member_went(chat_id, key.value)


def updated(work: Work, event: Event, keys: Keys, members: Mapping[str, Id]) -> None:
    """Members came or went, or something else changed that has to be asked for."""
    chat_id, detail = event.get("ChatId"), event.get("UpdateDetail")
    row = work.group(chat_id)
    match detail:
        case "add_member":
            for given in event.members:
                _came(work, event, chat_id, members[given], keys)
            _version(work, event, row)
        case "del_member":
            for given in event.members:
                _went(work, event, chat_id, members[given], keys)
            _version(work, event, row)
        case "change_name":
            row.renamed_us = max(row.renamed_us, event.at_us)
            work.pull("group", chat_id, after_s=SETTLES_S)
        case "change_owner":
            row.reowned_us = max(row.reowned_us, event.at_us)
            work.pull("group", chat_id, after_s=SETTLES_S)
        case _:
            work.pull("group", chat_id, after_s=SETTLES_S)


def _came(work: Work, event: Event, chat_id: str, member: Id, keys: Keys) -> None:
    key = keys.of(member)
    told = presence.joined(work.marks.get((chat_id, key), []), event.at_us)
    via = _CAME_EVENT.get(event.get("JoinScene"), "unknown")
    work.tell_presence(chat_id, member, key, told, how=via)
    _place(work, chat_id, member, key, via)


def _went(work: Work, event: Event, chat_id: str, member: Id, keys: Keys) -> None:
    key = keys.of(member)
    told = presence.left(work.marks.get((chat_id, key), []), event.at_us)
    work.tell_presence(chat_id, member, key, told, how=_WENT.get(event.get("QuitScene"), "unknown"))
    _place(work, chat_id, member, key, "unknown")


def _place(work: Work, chat_id: str, member: Id, key: Id, via: str) -> None:
    """Put somebody among the members or take them out, as what is known of them has it."""
    since = presence.inside_since(work.marks.get((chat_id, key), []))
    if since is None or work.groups[chat_id].dismissed_us is not None:
        work.member_went(chat_id, key.value)
    else:
        work.member_came(chat_id, MemberRow(key.value, member.type == "staff_userid", since, via))


def _version(work: Work, event: Event, row: GroupRow) -> None:
    last, current = event.get("LastMemVer"), event.get("CurMemVer")
    counted = event.get("MemChangeCnt")
    whole = not counted.isdigit() or int(counted) == len(event.members)
    if row.version and row.version == current:
        return
    if row.version and row.version == last and whole:
        row.version = current
    else:
        work.pull("group", row.chat_id, after_s=LATE_S if row.version else SETTLES_S, version=current)


# ---- the whole of it ----------------------------------------------------------------------------


def seen(work: Work, keys: Keys, group: Group, seen_us: int) -> None:
    """A group as it was when it was read at `seen_us`."""
    row = work.group(group.chat_id)
    first = row.seen_us == 0
    if first:
        _tell_created(work, row, group.create_time * SECOND_US or row.created_us or seen_us, group.owner or None)
    _rename(work, row, group, seen_us)
    _reown(work, row, group, seen_us)
    _members(work, keys, group, seen_us, first=first)
    row.version, row.seen_us, row.hidden = group.member_version, seen_us, None
    row.listed_us = max(row.listed_us, seen_us)


def member_id(member: GroupMember) -> Id:
    return rows.staff(member.userid) if member.type == 1 else rows.contact(member.userid)


def _tell_created(work: Work, row: GroupRow, at_us: int, owner: str | None) -> None:
    row.created_us = at_us
    work.facts.append(
        GroupCreated(
            happened_us=at_us, source_id=source("group", "created", row.chat_id), group=row.chat_id,
            owner=rows.staff(owner) if owner else None,
        )
    )  # fmt: skip


def _rename(work: Work, row: GroupRow, group: Group, seen_us: int) -> None:
    name = clean(group.name)
    if not name or name == row.name:
        return
    if row.name:
        at_us = row.renamed_us if row.renamed_us > row.seen_us else seen_us
        work.facts.append(
            GroupRenamed(
                happened_us=at_us, source_id=source("group", "renamed", row.chat_id, str(at_us)), group=row.chat_id
            )
        )
        # The name itself, with no second fact about it.
        of = schema.groups.c
        work.connection.execute(
            sa.update(schema.groups).where(of.corp_id == work.corp_id, of.outer_id == row.chat_id).values(name=name)
        )
    row.name = name
    work.cards[row.chat_id] = GroupCard(row.chat_id, name, "wecom")


def _reown(work: Work, row: GroupRow, group: Group, seen_us: int) -> None:
    if not group.owner or group.owner == row.owner:
        return
    if row.seen_us:
        at_us = row.reowned_us if row.reowned_us > row.seen_us else seen_us
        source_id = source("group", "owner", row.chat_id, group.owner, str(at_us))
        owner = rows.staff(group.owner)
        work.facts.append(GroupOwnerChanged(happened_us=at_us, source_id=source_id, group=row.chat_id, owner=owner))
    row.owner = group.owner


def _members(work: Work, keys: Keys, group: Group, seen_us: int, *, first: bool) -> None:
    chat_id = group.chat_id
    before = rows.members_of(work.connection, work.corp_id, chat_id)
    listed: set[Id] = set()
    for member in group.member_list:
        id = member_id(member)
        key = keys.of(id)
        listed.add(key)
        known = work.marks.get((chat_id, key), [])
        via = _CAME_LIST.get(member.join_scene, "unknown")
        invitor = member.invitor.userid if member.invitor is not None and member.invitor.userid else None
        told = presence.listed(known, member.join_time * SECOND_US or seen_us, seen_us, first=first)
        work.tell_presence(chat_id, id, key, told, how=via, invited_by=rows.staff(invitor) if invitor else None)
        since = presence.inside_since(work.marks.get((chat_id, key), []))
        if since is None:
            continue
        row = MemberRow(key.value, member.type == 1, since, via, invitor, member.state or "")
        if before.get(key) != row:
            work.member_came(chat_id, row)
        if key not in before:
            _meet(work, member, id, since)
    for (chat, key), known in list(work.marks.items()):
        if chat == chat_id and key not in listed:
            work.tell_presence(chat_id, key, key, presence.unlisted(known, seen_us))
            if key in before and presence.inside_since(work.marks[chat_id, key]) is None:
                work.member_went(chat_id, key.value)


def _meet(work: Work, member: GroupMember, id: Id, seen_us: int) -> None:
    if member.name:
        work.profiles.append(Profile(id, member.name, staff=True if member.type == 1 else None))
    if member.unionid and member.type == 2:
        work.links.append(Link(id, rows.union(member.unionid), seen_us))
