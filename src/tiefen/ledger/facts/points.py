"""Points (积分) that somebody was given. What somebody has is the sum of these facts, and is kept nowhere else."""

from tiefen.ledger.facts.base import Fact, PersonRef


class PointsGiven(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody was given points."""

    kind = "points.given"
    title = ("送积分", "Points given")
    own = True

    person: PersonRef
    points: int
    journey: str | None = None
    because: str = ""
    """Why, in the operator's words."""
