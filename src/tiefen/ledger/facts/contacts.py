"""Friendships between people and staff, and what is noted about people."""

from tiefen.ledger.facts.base import Fact, PersonRef, SourceRef


class ContactAdded(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody and a staff member became contacts, or a lead arrived from a source."""

    kind = "contact.added"
    title = ("加好友", "Contact added")

    person: PersonRef
    staff: PersonRef | None = None
    source: SourceRef | None = None
    state: str | None = None
    """What the entrance carried: the campaign, place or poster."""


class ContactLost(Fact, frozen=True, kw_only=True, gc=False):
    """A contact was deleted by either side."""

    kind = "contact.lost"
    title = ("删好友", "Contact lost")

    person: PersonRef
    staff: PersonRef | None = None
    by: str = "unknown"
    """`person`, `staff` or `unknown`."""


class TagPut(Fact, frozen=True, kw_only=True, gc=False):
    """A tag was put on somebody."""

    kind = "tag.put"
    title = ("打标签", "Tag put")

    person: PersonRef
    tag: str


class TagRemoved(Fact, frozen=True, kw_only=True, gc=False):
    """A tag was taken off somebody."""

    kind = "tag.removed"
    title = ("去标签", "Tag removed")

    person: PersonRef
    tag: str


class ConsentGiven(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody allowed a purpose on a channel."""

    kind = "consent.given"
    title = ("同意", "Consent given")

    person: PersonRef
    purpose: str
    channel: str = "all"


class ConsentWithdrawn(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody took a permission back; sending stops."""

    kind = "consent.withdrawn"
    title = ("撤回同意", "Consent withdrawn")

    person: PersonRef
    purpose: str
    channel: str = "all"
