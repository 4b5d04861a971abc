"""Events, in whatever order they come, as facts, rows and wishes.

Source: https://developer.work.weixin.qq.com/document/path/92130 (客户变更), 92005 (会话存档), 97299 (获客助手), 90240 (通讯录).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tiefen.ledger.facts import EventTracked, Id
from tiefen.wecom.events import Event
from tiefen.wecom.mirror import contacts, directory, groups, rows
from tiefen.wecom.mirror.rows import Keys
from tiefen.wecom.mirror.work import Work, source

_EXTERNAL = ("wm", "wo")
"""How the ids of people outside begin; a userid of staff that is known may begin so too."""
_SETTLES_S = 3.0
_LISTS_S = 10.0
"""Small lists are read again once a burst of changes is over."""


@dataclass(frozen=True, slots=True)
class _Taking:
    """A batch of events, and what was read to understand it."""

    work: Work
    keys: Keys
    members: Mapping[str, Id]
    sources: Mapping[str, str]


def take(work: Work, events: Sequence[Event]) -> None:
    """Take events into the work, earliest first."""
    ordered = sorted(events, key=lambda event: (event.at_us, event.received_us))
    named = {member for event in ordered for member in event.members}
    our_own = rows.is_staff(work.connection, work.corp_id, named)
    members = {
        one: rows.contact(one) if one.startswith(_EXTERNAL) and one not in our_own else rows.staff(one) for one in named
    }
    people = {event.get("ExternalUserID") for event in ordered} - {""}
    keys = Keys(work.connection, work.corp_id, [*members.values(), *map(rows.contact, people)])
    work.read_contacts(("", keys.person(person)) for person in people)
    chats = {event.get("ChatId") for event in ordered} - {""}
    work.read_groups(chats)
    if named:
        work.read_marks(chats, {keys.of(id).value for id in members.values()})
    sources = rows.sources_of_states(work.connection, work.corp_id, {event.get("State") for event in ordered})
    taking = _Taking(work, keys, members, sources)
    for event in ordered:
        of = _OF_EVENT.get(event.event)
        if of is not None:
            of(taking, event)


def _contact(taking: _Taking, event: Event) -> None:
    work, userid, person = taking.work, event.get("UserID"), event.get("ExternalUserID")
    if not userid or not person:
        return
    key, at_us = taking.keys.person(person), event.at_us
    match event.change:
        case "add_external_contact":
            contacts.added(work, userid, person, key, at_us, event.get("State"), taking.sources)
        case "add_half_external_contact":
            contacts.half_added(work, userid, key, at_us)
        case "edit_external_contact":
            contacts.edited(work, userid, key, at_us)
        case "del_external_contact":
            contacts.lost(work, userid, person, key, at_us, "staff")
            return  # WeCom would only say that it knows of no relation (84061)
        case "del_follow_user":
            contacts.lost(work, userid, person, key, at_us, "person")
            return
        case "msg_audit_approved":
            contacts.agreed_to_archive(work, userid, person, at_us)
            return
        case _:
            pass  # a handover that failed is seen by whoever asked for it
    if key == person:  # somebody erased is not asked for by name
        work.pull("contact", person, after_s=_SETTLES_S)


def _group(taking: _Taking, event: Event) -> None:
    if not event.get("ChatId"):
        return
    match event.change:
        case "create":
            groups.created(taking.work, event)
        case "update":
            groups.updated(taking.work, event, taking.keys, taking.members)
        case "dismiss":
            groups.dismissed(taking.work, event.get("ChatId"), event.at_us)
        case _:
            pass


def _tag(taking: _Taking, event: Event) -> None:
    work, id = taking.work, event.get("Id")
    if event.change == "delete" and id:
        gone = directory.tags_of_group(work, id) if event.get("TagType") == "tag_group" else [id]
        directory.tags_deleted(work, gone, event.at_us)
    else:
        work.pull("tags", after_s=_LISTS_S)


def _link(taking: _Taking, event: Event) -> None:
    work, person = taking.work, event.get("ExternalUserID")
    if event.change == "customer_start_chat" and person:
        work.facts.append(
            EventTracked(
                happened_us=event.at_us, source_id=source("chat", event.get("UserID"), person, str(event.at_us)),
                person=rows.contact(person), name="wecom.chat_started",
            )
        )  # fmt: skip
    if event.change in {"link_unavailable", "delete_link", "friend_request", "customer_start_chat"}:
        work.pull("links", event.get("LinkId"), after_s=_LISTS_S)


def _staff(taking: _Taking, _event: Event) -> None:
    taking.work.pull("staff", after_s=_LISTS_S)


def _archive(taking: _Taking, _event: Event) -> None:
    taking.work.pull("archive")


_OF_EVENT: Mapping[str, Callable[[_Taking, Event], None]] = {
    "change_external_contact": _contact,
    "change_external_chat": _group,
    "change_external_tag": _tag,
    "customer_acquisition": _link,
    "change_contact": _staff,
    "msgaudit_notify": _archive,
}
