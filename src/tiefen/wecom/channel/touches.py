"""How a touch moved, as facts. A state told twice lands on the same fact."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tiefen.ledger.batch import Batch
from tiefen.ledger.facts import Id
from tiefen.ledger.facts.touches import TouchMoved
from tiefen.ledger.ledger import Ledger

State = Literal["tasked", "sent", "delivered", "failed"]
ENDED = frozenset({"delivered", "failed"})

BROADCAST = "wecom.broadcast"
GROUP_BROADCAST = "wecom.group_broadcast"
MOMENT = "wecom.moment"
WELCOME = "wecom.welcome"
HANDOVER = "wecom.handover"
GROUP_HANDOVER = "wecom.group_handover"
STAFF_MESSAGE = "wecom.staff_message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a touch is for: an external id, a group's `chat_id`, or staff. `touch` itself names nobody."""

    touch: str
    to: str
    campaign: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A touch came to a state, at `at_us`; `reason` says why it failed (or was delivered otherwise)."""

    touch: str
    state: State
    at_us: int
    person: Id | None = None
    group: str | None = None
    campaign: str | None = None
    reason: str | None = None


def contact(external_userid: str) -> Id:
    return Id("external_userid", external_userid)


def staff(userid: str) -> Id:
    return Id("staff_userid", userid)


def part_of(touch: str, recipient: str) -> str:
    """The touch of one recipient within another touch, told apart without naming them."""
    return f"{touch}:{hashlib.sha256(f'{touch} {recipient}'.encode()).hexdigest()[:16]}"


def record(ledger: Ledger, corp_id: str, channel: str, moves: Sequence[Move]) -> None:
    """Append the moves; returns when they are on disk."""
    if not moves:
        return
    facts = [
        TouchMoved(
            happened_us=move.at_us, source_id=f"wecom:{move.touch}:{move.state}", touch=move.touch, state=move.state,
            person=move.person, group=move.group, channel=channel, campaign=move.campaign, reason=move.reason,
        )
        for move in moves
    ]  # fmt: skip
    ledger.append(Batch(corp_id, "wecom:channel", facts))
