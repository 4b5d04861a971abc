"""Calls into facts: Segment's spec, its e-commerce events, and our own names for what happens in groups.

Personal traits never enter a fact; they become a profile, which can be erased. What an event is called by its sender
and by us is in docs/tracking.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any

import msgspec

from tiefen.insight.features import features
from tiefen.intake.track.times import happened
from tiefen.intake.track.wire import Refused
from tiefen.ledger.batch import GroupCard, Link, Profile
from tiefen.ledger.facts import (
    JOINED_VIA,
    LEFT_HOW,
    MESSAGE_KINDS,
    CodeScanned,
    ContactAdded,
    ContactLost,
    EventTracked,
    Fact,
    GroupCreated,
    GroupDismissed,
    Id,
    Line,
    LinkClicked,
    MemberJoined,
    MemberLeft,
    MessagePosted,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    PageViewed,
)
from tiefen.ledger.identity import blocked

PERSONAL = frozenset(
    [
        "address",
        "age",
        "avatar",
        "birthday",
        "email",
        "firstName",
        "first_name",
        "gender",
        "lastName",
        "last_name",
        "name",
        "phone",
        "mobile",
        "title",
        "username",
        "nickname",
        "realname",
        "id_card",
        "wechat",
    ]
)
"""Properties that say who somebody is; kept in the profile and never in a fact."""
OUTER_IDS = {
    "wecom_external_userid": "external_userid", "external_userid": "external_userid",
    "wechat_unionid": "unionid", "unionid": "unionid", "wechat_openid": "openid", "openid": "openid",
    "phone": "phone", "email": "email", "customer_number": "customer_number", "user_id": "user_id",
    "anonymous_id": "anonymous_id",
}  # fmt: skip
"""`context.externalIds[].type` → our type of id."""

_MOST_YUAN = 10**13
"""No amount is larger: what comes with more digits is no amount."""
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Translated:
    """What the calls of a request amount to."""

    facts: list[Fact] = field(default_factory=list)
    words: dict[int, str] = field(default_factory=dict)
    profiles: list[Profile] = field(default_factory=list)
    groups: list[GroupCard] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Call:
    """One call, read: who, when, under which stable id."""

    person: Id
    at_us: int
    source_id: str
    body: Mapping[str, Any]
    context: Mapping[str, Any]


class _No(Exception):
    """A call that cannot be kept; carries the code and its facts."""

    def __init__(self, code: str, **reason: Any) -> None:
        super().__init__(code)
        self.code, self.reason = code, reason


def translate(
    call: Mapping[str, Any], into: Translated, received_us: int, shared: Mapping[str, Any] | None = None
) -> None:
    """Add what one well-formed call says; `shared` is the context of its whole batch, where its own says nothing."""
    at_us = happened(call.get("timestamp") or call.get("originalTimestamp"), call.get("sentAt"), received_us)
    if at_us is None:
        into.refused.append(Refused(call, "bad_time", {"timestamp": str(call.get("timestamp"))[:100]}))
        return
    context = call.get("context") or {}
    if shared:
        context = {**shared, **context}
    ids = _ids(call, context)
    if not ids:
        into.refused.append(Refused(call, "blocked_id", {}))
        return
    properties = call.get("properties") or {}
    read = _Call(ids[0], at_us, call.get("messageId") or _content_id(call, at_us), properties, context)
    facts, links = len(into.facts), len(into.links)
    try:
        _BY_TYPE[call["type"]](call, read, into)
    except _No as no:
        del into.facts[facts:], into.links[links:]
        into.refused.append(Refused(call, no.code, no.reason))
        return
    for other in ids[1:]:
        into.links.append(Link(ids[0], other, at_us))


def _ids(call: Mapping[str, Any], context: Mapping[str, Any]) -> list[Id]:
    found = []
    user, anonymous = call.get("userId"), call.get("anonymousId")
    if user is not None and user != "":
        found.append(Id("user_id", str(user)))
    outer = context.get("externalIds")
    if isinstance(outer, list):
        for one in outer[:20]:
            if (
                isinstance(one, dict)
                and (id_type := OUTER_IDS.get(str(one.get("type"))))
                and (value := _text(one.get("id"), most=513))
            ):
                found.append(Id(id_type, value))
    if anonymous is not None and anonymous != "":
        found.append(Id("anonymous_id", str(anonymous)))
    return [id for id in found if not blocked(id)]


def _content_id(call: Mapping[str, Any], at_us: int) -> str:
    """For a call without an id: the same call of the same time again gets the same one; an order is the same at any time."""
    kept = {key: value for key, value in call.items() if key not in {"sentAt", "writeKey", "context", "integrations"}}
    if not (call.get("timestamp") or call.get("originalTimestamp") or "order_id" in (call.get("properties") or {})):
        kept["receivedAt"] = at_us
    return "content-" + blake2b(msgspec.json.encode(kept, order="sorted"), digest_size=12).hexdigest()


# ---- Segment's own types --------------------------------------------------------------------------


def _track(call: Mapping[str, Any], read: _Call, into: Translated) -> None:
    name = call["event"].strip()
    own = _OWN_EVENTS.get(name.lower().replace("_", " "))
    if own is not None:
        own(read, into)
        return
    into.facts.append(
        EventTracked(
            happened_us=read.at_us, source_id=read.source_id, person=read.person, name=name,
            properties=_impersonal(read.body), value_fen=_fen(read.body, "value", "revenue"),
        )
    )  # fmt: skip
    _personal(read, into)


def _page(call: Mapping[str, Any], read: _Call, into: Translated) -> None:
    page = read.context.get("page")
    place = page if isinstance(page, dict) else {}
    path = read.body.get("path") or place.get("path") or read.body.get("url") or call.get("name") or ""
    into.facts.append(
        PageViewed(
            happened_us=read.at_us, source_id=read.source_id, person=read.person,
            page=str(path).split("?", 1)[0].split("#", 1)[0][:500], screen=call["type"] == "screen",
            referrer=_host(read.body.get("referrer") or place.get("referrer")), source=_campaign(read.context),
        )
    )  # fmt: skip


def _identify(call: Mapping[str, Any], read: _Call, into: Translated) -> None:
    traits = dict(call.get("traits") or {})
    name = traits.pop("name", None) or " ".join(
        str(traits[key]) for key in ("firstName", "lastName") if isinstance(traits.get(key), str)
    )
    staff = traits.pop("staff", None)
    attributes = {str(key)[:100]: value for key, value in traits.items() if value is not None}
    into.profiles.append(
        Profile(read.person, str(name)[:200] or None, attributes, staff if isinstance(staff, bool) else None)
    )
    for key in ("phone", "email"):
        value = traits.get(key)
        if isinstance(value, str) and not blocked(Id(key, value)):
            into.links.append(Link(read.person, Id(key, value), read.at_us))


def _group(call: Mapping[str, Any], read: _Call, into: Translated) -> None:
    group = str(call["groupId"])
    traits = call.get("traits") or {}
    into.groups.append(GroupCard(group, _text(traits.get("name")), _text(traits.get("platform"))))
    into.facts.append(
        MemberJoined(
            happened_us=read.at_us, source_id=f"group:{group}:{_stable(read)}", group=group, member=read.person
        )
    )


def _alias(call: Mapping[str, Any], read: _Call, into: Translated) -> None:
    previous = str(call["previousId"])
    for id_type in ("anonymous_id", "user_id"):
        other = Id(id_type, previous)
        if other != read.person and not blocked(other):
            into.links.append(Link(read.person, other, read.at_us))
            return


_BY_TYPE: dict[str, Callable[[Mapping[str, Any], _Call, Translated], None]] = {
    "track": _track, "page": _page, "screen": _page, "identify": _identify, "group": _group, "alias": _alias,
}  # fmt: skip


# ---- events we know by name -----------------------------------------------------------------------


def _message(read: _Call, into: Translated) -> None:
    body = read.body
    group, text = _required(body, "group_id"), _text(body.get("text"), most=20_000)
    kind = body.get("message_kind") or "text"
    mentions = body.get("mentions") or ()
    if not isinstance(mentions, list | tuple):
        raise _No("bad_field", field="mentions")
    counted = features(text) if text is not None else None
    if text:
        into.words[len(into.facts)] = text
    _card(body, group, into)
    into.facts.append(
        MessagePosted(
            happened_us=read.at_us, source_id=read.source_id, group=group, member=read.person,
            message_kind=kind if kind in MESSAGE_KINDS else "other",
            reply_to=_other(body.get("reply_to")), reply_to_message=_text(body.get("reply_to_message")),
            mentions=tuple(id for m in mentions[:100] if (id := _other(m)) is not None),
            topic=_text(body.get("topic")), by_bot=body.get("by_bot") is True, by_staff=body.get("by_staff") is True,
            length=counted.length if counted else None, is_question=counted.is_question if counted else False,
            has_link=counted.has_link if counted else False, text_hash=counted.text_hash if counted else None,
            advert_score=counted.advert_score if counted else None,
        )
    )  # fmt: skip


def _joined(read: _Call, into: Translated) -> None:
    group = _required(read.body, "group_id")
    via = read.body.get("via")
    _card(read.body, group, into)
    into.facts.append(
        MemberJoined(
            happened_us=read.at_us, source_id=read.source_id, group=group, member=read.person,
            via=via if via in JOINED_VIA else "unknown", invited_by=_other(read.body.get("invited_by")),
        )
    )  # fmt: skip


def _left(read: _Call, into: Translated) -> None:
    how = read.body.get("how")
    into.facts.append(
        MemberLeft(
            happened_us=read.at_us, source_id=read.source_id, group=_required(read.body, "group_id"),
            member=read.person, how=how if how in LEFT_HOW else "unknown",
        )
    )  # fmt: skip


def _group_created(read: _Call, into: Translated) -> None:
    group = _required(read.body, "group_id")
    _card(read.body, group, into)
    owner = _other(read.body.get("owner_id"))
    into.facts.append(GroupCreated(happened_us=read.at_us, source_id=read.source_id, group=group, owner=owner))


def _group_dismissed(read: _Call, into: Translated) -> None:
    group = _required(read.body, "group_id")
    into.facts.append(GroupDismissed(happened_us=read.at_us, source_id=read.source_id, group=group))


def _contact_added(read: _Call, into: Translated) -> None:
    into.facts.append(
        ContactAdded(
            happened_us=read.at_us, source_id=read.source_id, person=read.person,
            staff=_other(read.body.get("staff_id")),
            source=_text(read.body.get("source")) or _campaign(read.context), state=_text(read.body.get("state")),
        )
    )  # fmt: skip


def _contact_lost(read: _Call, into: Translated) -> None:
    by = read.body.get("by")
    into.facts.append(
        ContactLost(
            happened_us=read.at_us, source_id=read.source_id, person=read.person,
            staff=_other(read.body.get("staff_id")), by=by if by in ("person", "staff") else "unknown",
        )
    )  # fmt: skip


def _link_clicked(read: _Call, into: Translated) -> None:
    into.facts.append(
        LinkClicked(
            happened_us=read.at_us, source_id=read.source_id, person=read.person,
            link=_required(read.body, "link", "url").split("?", 1)[0], source=_campaign(read.context),
        )
    )  # fmt: skip


def _code_scanned(read: _Call, into: Translated) -> None:
    into.facts.append(
        CodeScanned(
            happened_us=read.at_us, source_id=read.source_id, person=read.person,
            code=_required(read.body, "code"), source=_text(read.body.get("source")),
        )
    )  # fmt: skip


def _order(kind: type[OrderPlaced] | type[OrderPaid] | type[OrderRefunded]) -> Callable[[_Call, Translated], None]:
    def order(read: _Call, into: Translated) -> None:
        amount = _fen(read.body, "total", "revenue", "value")
        lines = _lines(read.body.get("products"))
        if amount is None:
            if not lines:
                raise _No("missing_field", field="total")
            amount = sum(line.amount_fen for line in lines)
        if kind is OrderRefunded:
            amount = abs(amount)
        into.facts.append(
            kind(
                happened_us=read.at_us, source_id=read.source_id, person=read.person,
                order=_required(read.body, "order_id", "orderId"), amount_fen=amount, lines=lines,
            )
        )  # fmt: skip

    return order


_OWN_EVENTS: dict[str, Callable[[_Call, Translated], None]] = {
    "message posted": _message, "member joined": _joined, "member left": _left, "group created": _group_created,
    "group dismissed": _group_dismissed, "contact added": _contact_added, "contact lost": _contact_lost,
    "link clicked": _link_clicked, "code scanned": _code_scanned, "order placed": _order(OrderPlaced),
    "order completed": _order(OrderPaid), "order paid": _order(OrderPaid), "order refunded": _order(OrderRefunded),
}  # fmt: skip
"""Event names, in lower case, that mean a kind of fact of their own."""


# ---- fields ---------------------------------------------------------------------------------------


def _required(body: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = body.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value)[:500]
    raise _No("missing_field", field=names[0])


def _text(value: Any, most: int = 500) -> str | None:
    return str(value)[:most] if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None


def _other(value: Any) -> Id | None:
    text = _text(value)
    return None if text is None or blocked(Id("user_id", text)) else Id("user_id", text)


def _card(body: Mapping[str, Any], group: str, into: Translated) -> None:
    name = _text(body.get("group_name"))
    if name:
        into.groups.append(GroupCard(group, name, _text(body.get("platform"))))


def _campaign(context: Mapping[str, Any]) -> str | None:
    campaign = context.get("campaign")
    return _text(campaign.get("source") or campaign.get("name")) if isinstance(campaign, dict) else None


def _host(url: Any) -> str | None:
    """Only the host of a referrer: the rest may say who somebody is."""
    return str(url).split("//", 1)[-1].split("/", 1)[0][:200] if isinstance(url, str) and url else None


def _impersonal(body: Mapping[str, Any]) -> str:
    if not PERSONAL.isdisjoint(body):
        body = {key: value for key, value in body.items() if key not in PERSONAL}
    return _encode(body).decode() if body else "{}"


def _personal(read: _Call, into: Translated) -> None:
    """E-mail and phone that come along with an event belong to the profile."""
    if PERSONAL.isdisjoint(read.body):
        return
    known = {key: value for key in PERSONAL if isinstance(value := read.body.get(key), str) and value}
    if known:
        name = known.pop("name", None)
        into.profiles.append(Profile(read.person, name, known))


def _fen(body: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        value = body.get(name)
        if isinstance(value, bool) or value is None:
            continue
        try:
            amount = Decimal(str(value).replace(",", "").lstrip("¥￥$ "))
        except InvalidOperation:
            continue
        if amount.is_finite() and -_MOST_YUAN < amount < _MOST_YUAN:
            return int((amount * 100).to_integral_value())
    return None


def _lines(products: Any) -> tuple[Line, ...]:
    if not isinstance(products, list):
        return ()
    lines = []
    for product in products[:1_000]:
        if not isinstance(product, dict):
            continue
        sku = _text(product.get("sku") or product.get("product_id") or product.get("name")) or ""
        quantity = product.get("quantity", 1)
        quantity = int(quantity) if isinstance(quantity, int | float) and abs(quantity) < 10**9 else 1
        amount = (_fen(product, "price") or 0) * quantity
        lines.append(Line(sku, quantity, amount if abs(amount) < _MOST_YUAN * 100 else 0))
    return tuple(lines)


def _stable(read: _Call) -> str:
    return f"{read.person.type}:{blake2b(read.person.value.encode(errors='replace'), digest_size=8).hexdigest()}"
