"""What can go wrong on purpose with journeys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tiefen.kit.errors import TiefenError


@dataclass(eq=False)
class JourneyNotFound(TiefenError):
    status = 404
    says = "There is no journey {journey_id}."

    journey_id: str


@dataclass(eq=False)
class BadAddress(TiefenError):
    says = "An address begins with https:// and holds no password; {url} does not."

    url: str


@dataclass(eq=False)
class JourneyChanged(TiefenError):
    """Two at once: the second is told, and nothing of the first is lost."""

    status = 409
    says = "Somebody changed the journey meanwhile: it is at version {version}. Load it again."

    journey_id: str
    version: int


@dataclass(eq=False)
class JourneyWrong(TiefenError):
    """What keeps it from being published, each with its step."""

    status = 409
    says = "The journey cannot run like this: {first}"

    first: str
    wrongs: Sequence[dict[str, Any]]


@dataclass(eq=False)
class JourneyNotInThisState(TiefenError):
    status = 409
    says = "A journey that is {state} cannot be {wanted}."

    state: str
    wanted: str


@dataclass(eq=False)
class BadJourney(TiefenError):
    says = "This is no journey: {why}."

    why: str


@dataclass(eq=False)
class BadMoves(TiefenError):
    says = "Whoever waits at {step} cannot go to {to}: the new version has no such step."

    step: str
    to: str


@dataclass(eq=False)
class VersionNotFound(TiefenError):
    status = 404
    says = "The journey has no version {version}."

    version: int


@dataclass(eq=False)
class TooMuchToRehearse(TiefenError):
    says = "{asked} are too much to rehearse; {most} are possible."

    asked: str
    most: str
