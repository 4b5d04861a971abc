"""What journeys want done outside, beside messages (外部动作): who carries it out asks what is due and tells what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.clock import SECOND_US
from tiefen.ledger import dialect
from tiefen.ledger.schema.journeys import journey_orders

TRIES = 12
"""After so many failures, a day and a half, nothing more is tried."""
_FIRST_S, _LONGEST_S = 60, 6 * 3600


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to be done for one person. `order_id` says what it is for, and is the same however often it is tried."""

    order_id: str
    journey_id: str
    step: str
    person: int
    body: Mapping[str, Any]
    tries: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of it: done, failed for good, or to be tried again."""

    order: Waiting
    state: Literal["done", "failed", "again"]
    reason: str | None = None


def due(connection: Connection, corp_id: str, kind: str, now_us: int, most: int) -> list[Waiting]:
    """What of this kind is due, what waits longest first."""
    o = journey_orders.c
    asked = (
        sa.select(o.order_id, o.journey_id, o.step, o.person, o.body, o.tries)
        .where(o.corp_id == corp_id, o.kind == kind, o.state == "waiting", o.due_us <= now_us)
        .order_by(o.due_us)
        .limit(most)
    )
    return [
        Waiting(row.order_id, row.journey_id, row.step, row.person, msgspec.json.decode(row.body), row.tries)
        for row in connection.execute(asked)
    ]


def open_ones(connection: Connection, corp_id: str, kind: str) -> dict[str, int]:
    """How many of this kind wait, and how many came to nothing: {state: how many}."""
    o = journey_orders.c
    asked = sa.select(o.state, sa.func.count()).where(
        o.corp_id == corp_id, o.kind == kind, o.state.in_(("waiting", "failed"))
    )
    return {"waiting": 0, "failed": 0} | dialect.pairs(connection.execute(asked.group_by(o.state)))


def settle(connection: Connection, corp_id: str, some: Sequence[Tried], now_us: int) -> int:
    """Note what became of them; returns how many came to their end. What was tried too often has failed."""
    rows = []
    for one in some:
        tries = one.order.tries + 1
        state = "failed" if one.state == "again" and tries >= TRIES else one.state
        rows.append(
            (
                "waiting" if state == "again" else state,
                one.reason,
                tries,
                later(now_us, tries),
                corp_id,
                one.order.order_id,
            )
        )
    dialect.change_many(
        connection, "journey_orders", ("state", "reason", "tries", "due_us"), ("corp_id", "order_id"), rows
    )
    return sum(row[0] != "waiting" for row in rows)


def later(now_us: int, tries: int) -> int:
    """When to try again what failed so often: after a minute, two, four, up to six hours."""
    return now_us + min(_FIRST_S << min(tries - 1, 12), _LONGEST_S) * SECOND_US
