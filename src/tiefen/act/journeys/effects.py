"""What steps bring about: collected while people are moved, and written in the same transaction (or, in a rehearsal, looked at)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from tiefen.act import outbox, points
from tiefen.act.message import Message
from tiefen.act.proposal import Proposal
from tiefen.act.tasks import keeping as tasks
from tiefen.act.tasks.task import Task
from tiefen.kit.clock import DAY_US, SECOND_US
from tiefen.ledger import dialect
from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Fact, PointsGiven, TagPut, TagRemoved
from tiefen.ledger.identity import numbered
from tiefen.ledger.writing import Together

ORIGIN = "journeys"
_ORDER = (
    "corp_id", "order_id", "journey_id", "step", "kind", "person", "body", "state", "tries", "due_us", "made_us",
)  # fmt: skip


class Order(NamedTuple):
    """Something to be done outside, beside messages. Its id says what it is for, so that ordering it again changes nothing."""

    order_id: str
    step: str
    kind: str
    person: int
    body: Mapping[str, Any]


@dataclass(slots=True)
class Effects:
    """Everything that one turn brings about."""

    proposals: list[Proposal] = field(default_factory=list)
    contents: dict[str, Message] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    not_said: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By (step, reason): to whom nothing could be said because of the text itself."""
    plain: Counter[str] = field(default_factory=Counter)
    """By step: who is told the plain words, so that staff need not tap for each."""


def carry_out(together: Together, corp_id: str, journey_id: str, effects: Effects, now_us: int) -> None:
    """Write it all, each effect once however often it is asked for."""
    connection = together.connection
    outbox.keep_contents(connection, corp_id, effects.contents)
    outbox.propose(connection, corp_id, effects.proposals, now_us)
    orders = _keep_orders(connection, corp_id, journey_id, effects.orders, now_us)
    facts: list[Fact] = [*effects.facts]
    for order in orders:
        if order.kind == "tag":
            kind = TagRemoved if order.body["off"] else TagPut
            facts.append(
                kind(
                    happened_us=now_us, source_id=order.order_id, person=numbered(order.person), tag=order.body["tag"]
                )
            )  # fmt: skip
        elif order.kind == "points":
            facts.append(
                PointsGiven(
                    happened_us=now_us, source_id=order.order_id, person=numbered(order.person),
                    points=order.body["points"], journey=journey_id, because=order.body["because"],
                )
            )  # fmt: skip
    if facts:
        together.append(Batch(corp_id, ORIGIN, facts))
    asked = [_task(order, journey_id, now_us) for order in orders if order.kind == "task"]
    if asked:
        tasks.add(together, corp_id, asked, now_us)


def _task(order: Order, journey_id: str, now_us: int) -> Task:
    body, due_us = order.body, now_us + order.body["due_hours"] * 3600 * SECOND_US
    return Task(
        task_id=order.order_id, kind="sales", title=body["what"], detail=body["how"], staff=body["staff"],
        person=order.person, campaign_id=journey_id, step=order.step, due_us=due_us, expires_us=due_us + 7 * DAY_US,
    )  # fmt: skip


def _keep_orders(
    connection: Connection, corp_id: str, journey_id: str, orders: Sequence[Order], now_us: int
) -> list[Order]:  # fmt: skip
    """Those that are new."""
    by_id = {order.order_id: order for order in orders}
    # A task is with its staff at once, points are given; for the rest somebody outside is waited for.
    here = {"task"}
    if any(order.kind == "points" for order in orders) and points.hook(connection, corp_id) is None:
        here.add("points")
    rows = [
        (
            corp_id, order.order_id, journey_id, order.step, order.kind, order.person,
            msgspec.json.encode(order.body).decode(), "done" if order.kind in here else "waiting", 0, now_us, now_us,
        )
        for order in by_id.values()
    ]  # fmt: skip
    return [
        by_id[order_id] for (order_id,) in dialect.insert_new(connection, "journey_orders", _ORDER, rows, ("order_id",))
    ]
