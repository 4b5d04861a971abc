"""What may be wrong with a segment or a list of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tiefen.kit.errors import TiefenError


@dataclass(eq=False)
class BadRule(TiefenError):
    """A rule that means nothing; `place` is where in it, as `$.rules[0].days`."""

    says: ClassVar[str] = "The rule cannot be read at {place}: {why}."

    place: str
    why: str


@dataclass(eq=False)
class SegmentCycle(TiefenError):
    """A segment would be made of itself."""

    status: ClassVar[int] = 409
    says: ClassVar[str] = "Segment {segment_id} would be part of itself by way of {through}."

    segment_id: str
    through: str


@dataclass(eq=False)
class SegmentNotFound(TiefenError):
    status: ClassVar[int] = 404
    says: ClassVar[str] = "There is no segment {segment_id}."

    segment_id: str


@dataclass(eq=False)
class SegmentChanged(TiefenError):
    """Somebody else changed it since it was looked at."""

    status: ClassVar[int] = 409
    says: ClassVar[str] = (
        "Segment {segment_id} was changed meanwhile: you have version {yours}, it is at version {now}."
    )

    segment_id: str
    yours: int
    now: int


@dataclass(eq=False)
class SegmentInUse(TiefenError):
    status: ClassVar[int] = 409
    says: ClassVar[str] = "Segment {segment_id} is part of {by}; change that first."

    segment_id: str
    by: str


@dataclass(eq=False)
class AudienceNotFound(TiefenError):
    status: ClassVar[int] = 404
    says: ClassVar[str] = "There is no audience {audience_id}."

    audience_id: str


@dataclass(eq=False)
class NobodyFound(TiefenError):
    """A list of which nobody is known would be an empty audience."""

    says: ClassVar[str] = "Nobody is known by any of the {asked} ids."

    asked: int


@dataclass(eq=False)
class BadQuery(TiefenError):
    """SQL that cannot be answered, or that names no people."""

    says: ClassVar[str] = "The query cannot be used: {why}"

    why: str
