"""What the ledger was told of touches, in order."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import facts, groups, handles


def told(ledger: Ledger, *, whom: bool = False) -> list[tuple[str, ...]]:
    """(touch, state, reason) of every move; with `whom` also the id of the person or group."""
    with ledger.read() as connection:
        names = {row.handle: row.id_value for row in connection.execute(sa.select(handles))}
        chats = {row.group_id: row.outer_id for row in connection.execute(sa.select(groups))}
        rows = connection.execute(sa.select(facts.c.body).where(facts.c.kind == "touch.moved").order_by(facts.c.seq))
        found: list[tuple[str, ...]] = []
        for (raw,) in rows:
            body = msgspec.json.decode(raw)
            move = (body["touch"], body["state"], body.get("reason") or "")
            who = names.get(body.get("person") or -1) or chats.get(body.get("group") or -1) or ""
            found.append((*move, who) if whom else move)
    return found


def ends(ledger: Ledger) -> dict[str, str]:
    """By touch the state it came to last, with its reason."""
    last: dict[str, str] = {}
    for touch, state, reason in told(ledger):
        last[touch] = f"{state} {reason}".strip()
    return last
