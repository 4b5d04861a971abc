"""The attention budget (注意力预算): messages a week somebody gets over all channels, learned from what messages did to them.

It starts at the policy's and follows each message that had time to be answered: an answer raises it at once, silence lowers
it a little each time, leaving lowers it at once and by much. A cap that decays with what is ignored is what SCIENCE.md row 7
leaves while the volume of messages is not randomised; response curves by volume need that. Pure: events in, a budget out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal, NamedTuple

import msgspec

from tiefen.decide.attention.leaving import BUCKETS, Leaving
from tiefen.decide.attention.wearying import GUESS, Weariness
from tiefen.decide.policy import Policy
from tiefen.kit.clock import DAY_US

What = Literal[
    "told", "told_sell", "told_give", "told_care", "told_service", "clicked", "bought", "replied", "deleted", "left_group",
    "opted_out",
]  # fmt: skip
ANSWERS = frozenset({"clicked", "bought", "replied"})
"""What somebody does after a message that answers it; `replied`: wrote to staff, or into a group that something was said to."""
LEAVING = frozenset({"deleted", "left_group", "opted_out"})
ANSWER_US = 3 * DAY_US
"""For how long after a message what somebody does counts as what it did to them."""
MEMORY_US = 90 * DAY_US
"""How far back events count; older ones fall out, so that nobody is judged for ever."""
RAISED, LOWERED, SHUNNED = 0.5, 0.92, 0.3
"""Added by an answer; kept after a selling message was met with silence; kept after somebody left."""
LEAST = 0.25
"""One message in four weeks: with none at all nothing could be learned any more."""


class Event(NamedTuple):
    """A message that reached somebody, or something they did."""

    at_us: int
    what: str
    """One of `What`; `told` alone of what it was for nobody knows."""

    @property
    def purpose(self) -> str | None:
        """What a message was for, taken for selling where nobody knows; None of what is no message."""
        if not self.what.startswith("told"):
            return None
        return self.what[len("told_") :] or "sell"


def told(purpose: str) -> str:
    """A message for something, as an `Event` calls it."""
    return f"told_{purpose}"


class Attention(msgspec.Struct, frozen=True, kw_only=True):
    """A budget, and everything it was reckoned from: what the console explains it by."""

    budget: float
    weariness_fen: int
    """What one more selling message costs, in people seen to leave: (how likely they leave after it, beyond how likely they leave
    anyway) × what they are expected to bring."""
    start: float
    told: int = 0
    """Messages of the last 90 days that had time to be answered, and of those:"""
    answered: int = 0
    ignored: int = 0
    left: int = 0
    in_a_row: int = 0
    """Ignored since the last answer."""
    leave_after: float | None = None
    leave_anyway: float | None = None
    """How likely somebody like them leaves within three days after a message and without one; None while nothing is known."""
    value_fen: int = 0


def learn(
    events: Iterable[Event], policy: Policy, now_us: int, *, rates: Leaving | None = None, value_fen: int | None = None,
    wears: Weariness = GUESS,
) -> Attention:  # fmt: skip
    """The budget of somebody after everything that is known of them, whatever order it is told in."""
    known = sorted({event for event in events if now_us - MEMORY_US < event.at_us <= now_us})
    budget = min(policy.budget, policy.budget_most)
    answered = ignored = left = in_a_row = 0
    for message, fate in fates(known, now_us):
        match fate:
            case "left":
                left += 1
                budget = max(LEAST, budget * SHUNNED)
            case "answered":
                answered, in_a_row = answered + 1, 0
                budget = min(policy.budget_most, budget + RAISED)
            case "ignored":
                ignored, in_a_row = ignored + 1, in_a_row + 1
                budget = max(LEAST, budget * LOWERED ** wears.cost(message.purpose or "sell"))
    worth = policy.contact_worth_fen if value_fen is None else value_fen
    bucket = min(in_a_row, BUCKETS - 1)
    after = rates.after(bucket) if rates is not None else None
    anyway = rates.anyway if rates is not None else None
    weariness = 0.0 if after is None or anyway is None else max(0.0, after - anyway) * worth / wears.usual()
    return Attention(
        # A policy of nothing is a decision, and no beginning to learn from.
        budget=min(budget, policy.budget_most) if policy.budget > 0 else 0.0, weariness_fen=round(weariness),
        start=policy.budget, told=answered + ignored + left, answered=answered, ignored=ignored, left=left,
        in_a_row=in_a_row, leave_after=after, leave_anyway=anyway, value_fen=worth,
    )  # fmt: skip


def fates(known: Sequence[Event], now_us: int) -> Iterator[tuple[Event, Literal["left", "answered", "ignored"]]]:
    """What became of each message in turn; not of those that may still be answered. Events are in order.

    An answer is to every message within three days before it, since which of them it is to cannot be known.
    """
    for n, event in enumerate(known):
        if event.purpose is None:
            continue
        last, answered, left = event.at_us + ANSWER_US, False, False
        for one in islice(known, n + 1, None):
            if one.at_us > last:
                break
            left |= one.what in LEAVING and one.at_us > event.at_us
            answered |= one.what in ANSWERS and one.at_us > event.at_us
        if left:
            yield event, "left"
        elif answered:
            yield event, "answered"
        elif last <= now_us:
            yield event, "ignored"
