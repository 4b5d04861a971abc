"""What somebody wants said to somebody. Only the gate makes a touch of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Purpose = Literal["sell", "give", "care", "service"]
"""sell: to buy something; give: something useful for nothing; care: greetings, help after a sale; service: what was asked for."""
Channel = Literal["contact", "group"]
"""contact: a message task to somebody through a member of staff; group: one to a group through its owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A message to one person or one group. Its id says what it is for (campaign, step, whom, which time), so that to propose
    it again changes nothing."""

    proposal_id: str
    campaign_id: str
    step: str = ""
    person: int | None = None
    group: int | None = None
    channel: Channel
    purpose: Purpose
    content_id: str
    """`Message.content_id` of what it says, with everything filled in; kept by `outbox.keep_content`."""
    arm: str = ""
    """The variant it belongs to, where there are several."""
    sender: str | None = None
    """The `userid` of who is to say it; None leaves it to whoever knows them best."""
    worth_fen: int = 0
    """What it is expected to bring, before what it costs in patience."""
    due_us: int
    expires_us: int
    """When it would be pointless."""
