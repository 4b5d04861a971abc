"""What can go wrong on purpose with broadcasts and launches."""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.kit.errors import TiefenError


@dataclass(eq=False)
class CampaignNotFound(TiefenError):
    status = 404
    says = "There is no campaign {campaign_id}."

    campaign_id: str


@dataclass(eq=False)
class CampaignChanged(TiefenError):
    """Two at once: the second is told, and nothing of the first is lost."""

    status = 409
    says = "Somebody changed the campaign meanwhile: it is at version {version}. Load it again."

    campaign_id: str
    version: int


@dataclass(eq=False)
class NotInThisState(TiefenError):
    status = 409
    says = "A campaign that is {state} cannot be {wanted}."

    state: str
    wanted: str


@dataclass(eq=False)
class BadPlan(TiefenError):
    says = "The campaign cannot be so ({field}): {why}."

    field: str
    why: str


@dataclass(eq=False)
class CopyMustStop(TiefenError):
    """Something in the text may not go out. `found` names the checks."""

    status = 409
    says = "The text may not go out like this: {found}."

    found: str


@dataclass(eq=False)
class TooLateToUndo(TiefenError):
    status = 409
    says = "{tasked} of it are with staff already; what is not sent yet can be cancelled."

    tasked: int
