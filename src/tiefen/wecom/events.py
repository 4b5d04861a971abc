"""What WeCom tells in a callback, read from its XML: names and numbers still WeCom's own.

Source: https://developer.work.weixin.qq.com/document/path/92130 (客户变更), 92005 (会话存档), 97299 (获客助手), 90240 (通讯录).
Every document type is refused, so that there are no entities to expand and nothing to fetch.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from xml.etree import ElementTree
from xml.parsers.expat import ErrorString

import msgspec

from tiefen.kit.clock import SECOND_US
from tiefen.kit.errors import TiefenError

MOST_BYTES = 256 * 1024
"""A list of 500 members takes 25 KB."""
_DEEPEST = 8
_ENDS_S = 0xFFFFFFFF
"""The last second a key has room for, in 2106."""
_ENVELOPE = ("ToUserName", "FromUserName")

KNOWN: dict[str, frozenset[str]] = {
    "change_external_contact": frozenset({
        "add_external_contact", "add_half_external_contact", "edit_external_contact", "del_external_contact",
        "del_follow_user", "transfer_fail", "msg_audit_approved",
    }),
    "change_external_chat": frozenset({"create", "update", "dismiss"}),
    "change_external_tag": frozenset({"create", "update", "delete", "shuffle"}),
    "customer_acquisition": frozenset({
        "balance_low", "balance_exhausted", "balance_increased", "quota_expire_soon", "link_unavailable", "delete_link",
        "open_profile", "friend_request", "customer_start_chat", "message_from_customer", "del_follow_user",
    }),
    "msgaudit_notify": frozenset({""}),
    "change_contact": frozenset({
        "create_user", "update_user", "delete_user", "create_party", "update_party", "delete_party", "update_tag",
    }),
}  # fmt: skip
"""Events by their ChangeTypes, as far as they are described. Others are kept and wait until somebody describes them."""


@dataclass(eq=False)
class Unreadable(TiefenError):
    """No event can be read from it."""

    says = "This is no event that can be read: {why}."

    why: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `at_us` is when it happened by WeCom's clock (CreateTime, whole seconds), `received_us` by ours."""

    key: str
    """A digest over the whole content: a redelivery has the same one, another customer in the same second has not.
    It begins with CreateTime, so that keys grow with time."""
    event: str
    change: str
    at_us: int
    received_us: int
    fields: dict[str, str]
    """What stands in it, by XML name; what stands deeper by its path (`List/Item`), several texts joined by commas."""
    members: tuple[str, ...] = ()
    """MemChangeList: whom a change of a group is about."""

    @property
    def known(self) -> bool:
        """Whether it is described what this event means."""
        return self.change in KNOWN.get(self.event, ())

    def get(self, name: str) -> str:
        """A field; empty where there is none."""
        return self.fields.get(name, "")


def parse(xml: bytes, received_us: int) -> Event:
    """The event in a decrypted callback."""
    fields: dict[str, str] = {}
    members: tuple[str, ...] = ()
    for element in root_of(xml):
        if element.tag == "MemChangeList":
            members = tuple(member for item in element if (member := _text(item)))
        elif len(element):
            deeper: dict[str, list[str]] = {}
            _gather(element, f"{element.tag}/", 2, deeper)
            fields.update({path: ",".join(texts) for path, texts in deeper.items()})
        else:
            fields[element.tag] = _text(element)
    created = fields.pop("CreateTime", "")
    if not (created.isascii() and created.isdigit() and len(created) <= 10 and int(created) <= _ENDS_S):
        raise Unreadable("no CreateTime")
    kind = fields.pop("MsgType", "")
    event = fields.pop("Event", kind)
    if not event:
        raise Unreadable("no Event")
    for name in _ENVELOPE:
        fields.pop(name, None)
    return Event(
        key=key_of(xml, int(created)), event=event, change=fields.pop("ChangeType", ""), at_us=int(created) * SECOND_US,
        received_us=received_us, fields=fields, members=members,
    )  # fmt: skip


def key_of(content: bytes, created_s: int = 0) -> str:
    """The key of a content: eight hexadecimal characters of time, thirty-two of digest."""
    return f"{created_s:08x}{blake2b(content, digest_size=16).hexdigest()}"


def root_of(xml: bytes) -> ElementTree.Element:
    """The root of a document that is small and declares nothing."""
    if len(xml) > MOST_BYTES:
        raise Unreadable("it is too large")
    # Without a document type no entity can be declared. The parser is told that it is UTF-8 and believes it unless it sees
    # UTF-16, in which every letter of a document type has a NUL.
    if b"<!DOCTYPE" in xml or b"\0" in xml:
        raise Unreadable("it has a document type or a NUL")
    parser = ElementTree.XMLParser(encoding="utf-8")
    try:
        parser.feed(xml)
        return parser.close()
    except ElementTree.ParseError as error:
        raise Unreadable(ErrorString(error.code)) from None


def texts_of(xml: bytes) -> dict[str, list[str]]:
    """The texts of all elements without children, by their path below the root."""
    texts: dict[str, list[str]] = {}
    _gather(root_of(xml), "", 1, texts)
    return texts


def _gather(parent: ElementTree.Element, path: str, depth: int, texts: dict[str, list[str]]) -> None:
    if depth > _DEEPEST:
        raise Unreadable("it is too deep")
    for element in parent:
        if len(element):
            _gather(element, f"{path}{element.tag}/", depth + 1, texts)
        else:
            texts.setdefault(path + element.tag, []).append(_text(element))


def _text(element: ElementTree.Element) -> str:
    return (element.text or "").strip()
