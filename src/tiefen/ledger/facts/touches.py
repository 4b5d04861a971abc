"""The life of a message to somebody, from proposal to delivery."""

from tiefen.ledger.facts.base import Fact, GroupRef, PersonRef

TOUCH_STATES = ("proposed", "admitted", "refused", "tasked", "sent", "delivered", "failed")


class TouchMoved(Fact, frozen=True, kw_only=True, gc=False):
    """A touch reached a state of its life."""

    kind = "touch.moved"
    title = ("触达", "Touch")

    touch: str
    state: str
    """One of `TOUCH_STATES`."""
    person: PersonRef | None = None
    group: GroupRef | None = None
    channel: str = ""
    campaign: str | None = None
    reason: str | None = None
