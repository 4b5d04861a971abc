"""A sandbox population told to a ledger in the straightest way: every row of the sandbox is one fact. No sync in between."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from tiefen.insight.models.adverts import score
from tiefen.ledger.batch import Batch, GroupCard, Profile
from tiefen.ledger.facts import (
    ContactAdded,
    ContactLost,
    CostSpent,
    Fact,
    GroupCreated,
    GroupDismissed,
    Id,
    Line,
    MemberJoined,
    MemberLeft,
    MessagePosted,
    OrderPaid,
)  # fmt: skip
from tiefen.ledger.ledger import Ledger
from tiefen.sandbox import Sandbox
from tiefen.sandbox.population.key import costs
from tiefen.sandbox.state import load

_VIA = {1: "invite", 2: "link", 3: "qr_code"}


def tell(box: Sandbox, ledger: Ledger, corp_id: str) -> None:
    """All that happened in the sandbox so far, as facts of a corp."""
    corpid = box.corps()[0].corpid
    staff = box.store.all("SELECT userid, name FROM users WHERE corpid = ?", corpid)
    groups = box.store.all("SELECT chat_id, name FROM groups WHERE corpid = ?", corpid)
    ledger.ensure_corp(corp_id, name="Sandbox")
    ledger.append(
        Batch(
            corp_id, "sandbox",
            profiles=[Profile(Id("staff_userid", row["userid"]), row["name"], staff=True) for row in staff],
            groups=[GroupCard(row["chat_id"], row["name"], "wecom") for row in groups],
        )
    )  # fmt: skip
    told = _facts(box, corpid)
    while some := list(islice(told, 20_000)):
        words = {place: text for place, (_, text) in enumerate(some) if text}
        ledger.append(Batch(corp_id, "sandbox", [fact for fact, _ in some], words))
    ledger.flush()


def _facts(box: Sandbox, corpid: str) -> Iterator[tuple[Fact, str]]:
    for fact in (*_groups(box, corpid), *_contacts(box, corpid), *_stays(box, corpid), *_orders(box, corpid)):
        yield fact, ""
    yield from _messages(box, corpid)


def _id(who: str) -> Id:
    return Id("external_userid" if who.startswith(("wm", "wo")) else "staff_userid", who)


def _us(at: float) -> int:
    return round(at * 1_000_000)


def _groups(box: Sandbox, corpid: str) -> Iterator[Fact]:
    for row in box.store.all("SELECT * FROM groups WHERE corpid = ?", corpid):
        chat = row["chat_id"]
        yield GroupCreated(happened_us=_us(row["created"]), source_id=chat, group=chat, owner=_id(row["owner"]))
        if row["dismissed"] is not None:
            yield GroupDismissed(happened_us=_us(row["dismissed"]), source_id=chat, group=chat)


def _contacts(box: Sandbox, corpid: str) -> Iterator[Fact]:
    for row in box.store.all("SELECT * FROM follows WHERE corpid = ?", corpid):
        pair: dict[str, Any] = {"person": _id(row["external_userid"]), "staff": _id(row["userid"])}
        key = f"{row['userid']}:{row['external_userid']}"
        source = row["state"] or None
        yield ContactAdded(happened_us=_us(row["created"]), source_id=key, source=source, state=source, **pair)
        if row["left_by_person"] is not None:
            yield ContactLost(happened_us=_us(row["left_by_person"]), source_id=key, by="person", **pair)


def _stays(box: Sandbox, corpid: str) -> Iterator[Fact]:
    for row in box.store.all("SELECT * FROM stays WHERE corpid = ? ORDER BY joined, id", corpid):
        stay: dict[str, Any] = {"group": row["chat_id"], "member": _id(row["member_id"])}
        key = str(row["id"])
        by = None if row["invitor"] is None else _id(row["invitor"])
        via = _VIA.get(row["scene"], "unknown")
        yield MemberJoined(happened_us=_us(row["joined"]), source_id=key, via=via, invited_by=by, **stay)
        if row["left_at"] is not None:
            how = {0: "left", 1: "removed"}.get(row["quit"], "dismissed")
            yield MemberLeft(happened_us=_us(row["left_at"]), source_id=key, how=how, **stay)


def _orders(box: Sandbox, corpid: str) -> Iterator[Fact]:
    asked = (
        "SELECT o.*, e.external_userid FROM orders o JOIN externals e ON e.person = o.person AND e.corpid = o.corpid"
    )
    for row in box.store.all(f"{asked} WHERE o.corpid = ?", corpid):
        lines = tuple(Line(sku=sku, qty=many, amount_fen=many * fen) for sku, _, many, fen in load(row["lines"]))
        yield OrderPaid(
            happened_us=_us(row["at"]), source_id=row["order_id"], person=_id(row["external_userid"]),
            order=row["order_id"], amount_fen=row["fen"], lines=lines,
        )  # fmt: skip
    for day, source, fen in costs(box):
        at = box.store.value("SELECT unixepoch(?, '-8 hours')", day)
        yield CostSpent(happened_us=_us(at), source_id=f"{day}:{source}", source=source, amount_fen=fen)


def _messages(box: Sandbox, corpid: str) -> Iterator[tuple[Fact, str]]:
    who = dict(box.store.run("SELECT msgid, sender FROM messages WHERE roomid != ''").fetchall())
    for row in box.store.run("SELECT * FROM messages WHERE corpid = ? AND roomid != '' ORDER BY seq", (corpid,)):
        content, to = load(row["content"]), row["reply_to"]
        text = content.get("content") or ""
        fact = MessagePosted(
            happened_us=_us(row["at"]), source_id=row["msgid"], group=row["roomid"], member=_id(row["sender"]),
            message_kind="text" if row["msgtype"] == "text" else "image", reply_to=_id(who[to]) if to in who else None,
            reply_to_message=to, mentions=tuple(_id(one) for one in content.get("mentions", ())), length=len(text),
            is_question=text.endswith(("？", "?", "吗")), advert_score=score(text) if text else None,
            by_staff=not row["sender"].startswith(("wm", "wo")),
        )  # fmt: skip
        yield fact, text
