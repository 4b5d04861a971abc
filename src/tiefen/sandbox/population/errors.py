"""What a population refuses."""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.kit.errors import TiefenError


@dataclass(eq=False)
class AlreadyPopulated(TiefenError):
    """Another population lives in this sandbox."""

    status = 409
    says = "{groups} groups and {people} people live here already, {days} days of them; use another folder for others."

    groups: int
    people: int
    days: int


@dataclass(eq=False)
class NotPopulated(TiefenError):
    """Nobody lives in this sandbox."""

    status = 404
    says = "Nobody lives in this sandbox yet: `tiefen sandbox populate` first."
