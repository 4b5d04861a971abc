"""Asking for one thing, and what each answer means, refusals included."""

from __future__ import annotations

from collections.abc import Callable

from tiefen.kit.errors import TiefenError
from tiefen.wecom.client import WeCom
from tiefen.wecom.client.endpoints.contacts import ContactReply
from tiefen.wecom.client.endpoints.groups import Group
from tiefen.wecom.client.errors import (
    GroupDismissed,
    MalformedReply,
    NoRelation,
    OutOfScope,
    UnknownGroup,
)
from tiefen.wecom.mirror import Made, Mirror
from tiefen.wecom.mirror.mirror import Also

_GONE = 86003
"""This chat_id does not exist: what a group that was there answers once WeCom has cleared it away."""


def ask_group(api: WeCom, chat_id: str, clock: Callable[[], int]) -> tuple[int, Group | TiefenError]:
    """(when it was asked for, the group or why it was refused)."""
    seen_us = clock()
    try:
        group = api.groups.get(chat_id)
    except TiefenError as error:
        return seen_us, error
    if not group.member_list:
        return seen_us, MalformedReply("externalcontact/groupchat/get", "a group without anybody")
    return seen_us, group


def group_told(
    mirror: Mirror, chat_id: str, answer: Group | TiefenError, seen_us: int, also: Also | None = None
) -> Made:
    """What an answer about a group means. A refusal says nothing about who is in it, unless it says that the group is no
    more."""
    match answer:
        case Group():
            return mirror.group(answer, seen_us, also)
        case GroupDismissed():
            return mirror.group_dismissed(chat_id, seen_us, also)
        case UnknownGroup() if answer.errcode == _GONE and mirror.version(chat_id):
            return mirror.group_dismissed(chat_id, seen_us, also)
        case UnknownGroup() | OutOfScope():
            mirror.group_hidden(chat_id, str(answer.errcode), also)
            return Made()
        case _:
            return Made()


def ask_contact(api: WeCom, external_userid: str) -> list[ContactReply]:
    """Everybody in touch with a person; nobody where WeCom knows of no relation (84061)."""
    try:
        return [page for page, _ in api.contacts.every_follow(external_userid)]
    except NoRelation:
        return []
