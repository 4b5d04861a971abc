"""Coming and going."""

from tiefen.ledger.facts.base import Fact, GroupRef, PersonRef

JOINED_VIA = ("unknown", "invite", "qr_code", "link", "seed", "approval")
LEFT_HOW = ("unknown", "left", "removed", "dismissed")


class MemberJoined(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody entered a group. Joining again is another fact and another stay."""

    kind = "member.joined"
    title = ("入群", "Member joined")

    group: GroupRef
    member: PersonRef
    via: str = "unknown"
    """One of `JOINED_VIA`."""
    invited_by: PersonRef | None = None
    inferred: bool = False
    """True where nobody saw it happen: a full list showed it at reconciliation."""


class MemberLeft(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody left a group or was removed from it."""

    kind = "member.left"
    title = ("退群", "Member left")

    group: GroupRef
    member: PersonRef
    how: str = "unknown"
    """One of `LEFT_HOW`."""
    removed_by: PersonRef | None = None
    inferred: bool = False
