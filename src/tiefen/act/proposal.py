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
    plain_id: str | None = None
    """Of words of their own: the content of the plain words in their place."""
    arm: str = ""
    """The variant it belongs to, where there are several."""
    sender: str | None = None
    """The `userid` of who is to say it; None leaves it to whoever knows them best."""
    worth_fen: int = 0
    """What it is expected to bring, before what it costs in patience."""
    due_us: int
    expires_us: int
    """When it would be pointless."""

    @property
    def told_as(self) -> tuple[str, ...]:
        """Under which marks it is remembered that somebody was told it."""
        return marks(self.content_id, self.plain_id)

    @property
    def same_as(self) -> tuple[str, ...]:
        """The marks of what says the same: these very words, or the one in plain words and the other in their own. What was said in
        their own words another day may say something new."""
        return self.content_id, self.plain_id or OWN + self.content_id


OWN = "own:"


def marks(content_id: str, plain_id: str | None) -> tuple[str, ...]:
    """The content, and where the words were their own, whose place they took."""
    return (content_id,) if plain_id is None else (content_id, OWN + plain_id)
