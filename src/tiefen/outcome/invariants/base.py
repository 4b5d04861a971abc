"""What an invariant is: a sentence that must always be true, and the question that finds what breaks it.

Each asks the rows and facts for itself and uses nothing of what is meant to keep it, so that a mistake there is seen here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.decide.policy import Policy
from tiefen.insight.engine import Tables
from tiefen.kit.clock import DAY_US, day_of, start_of
from tiefen.ledger.schema import handles
from tiefen.ledger.schema.touches import proposals

LET_OUT = ("admitted", "tasked", "sent", "delivered")
"""States of what left through the gate and did not fail."""
PAID_FOR = ("sell", "give", "care")
"""Purposes that people's attention is spent on; service is what they asked for."""
MOST_ROWS = 50


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: of how many, how many broke it, and the first of those."""

    looked_at: int
    broken: int = 0
    rows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Scene:
    """What an invariant may look at: rows within one transaction, and the facts where it needs them."""

    connection: Connection
    corp_id: str
    now_us: int
    zone: str
    policy: Policy
    open_tables: Callable[[], Tables]

    @cached_property
    def tables(self) -> Tables:
        """The facts up to now; opened once for all invariants that ask for them."""
        return self.open_tables()

    @property
    def day_us(self) -> int:
        """When the company's day began."""
        return start_of(day_of(self.now_us, self.zone), self.zone)

    def days_ago(self, days: float) -> int:
        return self.now_us - int(days * DAY_US)


@dataclass(frozen=True, slots=True)
class Invariant:
    """One sentence that must always be true."""

    key: str
    zh: str
    en: str
    says_zh: str
    says_en: str
    """What is looked at, and what may look like a break and is none."""
    look: Callable[[Scene], Seen]


def seen(looked_at: int, broken: Iterable[dict[str, Any]]) -> Seen:
    """All that broke it counted, the first of them kept."""
    rows = list(broken)
    return Seen(looked_at=looked_at, broken=len(rows), rows=tuple(rows[:MOST_ROWS]))


def whom() -> sa.ColumnElement[int]:
    """The person a proposal is for, as whom they are now."""
    return handles.c.person_id


def let_out(scene: Scene, since_us: int, *columns: Any, purposes: tuple[str, ...] | None = None) -> sa.Select[Any]:
    """Messages to persons that left through the gate since then, with whom they were for."""
    asked = (
        sa.select(*columns)
        .join_from(proposals, handles, (handles.c.handle == proposals.c.person) & (handles.c.corp_id == proposals.c.corp_id))
        .where(
            proposals.c.corp_id == scene.corp_id, proposals.c.admitted_us >= since_us,
            proposals.c.admitted_us <= scene.now_us, proposals.c.state.in_(LET_OUT),
        )
    )  # fmt: skip
    return asked if purposes is None else asked.where(proposals.c.purpose.in_(purposes))


def counted(scene: Scene, asked: sa.Select[Any]) -> int:
    """How many rows a question has."""
    return scene.connection.execute(sa.select(sa.func.count()).select_from(asked.subquery())).scalar_one()
