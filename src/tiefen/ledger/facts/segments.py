"""Who comes into a segment and who goes out of it, and who was put into which arm of an experiment."""

from tiefen.ledger.facts.base import Fact, GroupRef, PersonRef


class SegmentEntered(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody began to fulfil the rule of a segment."""

    kind = "segment.entered"
    title = ("进入分群", "Entered a segment")
    own = True

    segment: str
    person: PersonRef


class SegmentLeft(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody no longer fulfils the rule of a segment."""

    kind = "segment.left"
    title = ("离开分群", "Left a segment")
    own = True

    segment: str
    person: PersonRef


class ArmAssigned(Fact, frozen=True, kw_only=True, gc=False):
    """A person or a group was put into an arm of an experiment (a campaign, a journey, or the holdout of all), once."""

    kind = "arm.assigned"
    title = ("分入实验组", "Assigned to an arm")
    own = True

    experiment: str
    arm: str
    """`holdout`, or the name of a variant."""
    person: PersonRef | None = None
    group: GroupRef | None = None
