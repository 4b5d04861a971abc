"""Broadcasts as they come in and go out over HTTP: the act's own values, with instants as the world writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from tiefen.act.broadcasts.plan import MOST_BY_HAND, Plan
from tiefen.act.message import Message
from tiefen.kit.clock import from_us, to_us
from tiefen.web.inputs import MOST_ID, Name, ShortText, Text

Number = Annotated[int, Field(ge=1, le=MOST_ID)]
Key = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.:-]+$")]
Words = Annotated[Text, Field(max_length=8_000)]
Address = Annotated[Text, Field(max_length=2_000)]


def _possible(at: datetime) -> datetime:
    if not 1980 <= at.year <= 2199:
        raise ValueError("is not between 1980 and 2199")
    return at


Instant = Annotated[AwareDatetime, AfterValidator(_possible)]
PurposeIn = Literal["sell", "give", "care", "service"]


class ImageIn(BaseModel):
    type: Literal["image"]
    file: ShortText = ""


class FileIn(BaseModel):
    type: Literal["file"]
    file: ShortText = ""


class VideoIn(BaseModel):
    type: Literal["video"]
    file: ShortText = ""


class LinkIn(BaseModel):
    type: Literal["link"]
    title: ShortText = ""
    url: Address = ""
    description: Annotated[Text, Field(max_length=1_000)] = ""
    picture_url: Address = ""


class MiniProgramIn(BaseModel):
    type: Literal["mini_program"]
    title: ShortText = ""
    appid: ShortText = ""
    page: Address = ""
    cover: ShortText = ""


class MessageIn(BaseModel):
    text: Words = ""
    attachments: list[
        Annotated[ImageIn | FileIn | VideoIn | LinkIn | MiniProgramIn, Field(discriminator="type")]
    ] = Field(default_factory=list, max_length=20)  # fmt: skip


class ToPersonsIn(BaseModel):
    type: Literal["persons"]
    everyone: bool = False
    segments: list[Key] = Field(default_factory=list, max_length=50)
    audiences: list[Key] = Field(default_factory=list, max_length=50)
    persons: list[Number] = Field(default_factory=list, max_length=MOST_BY_HAND)
    without_segments: list[Key] = Field(default_factory=list, max_length=50)
    not_ordered_since: Instant | None = None


class ToGroupsIn(BaseModel):
    type: Literal["groups"]
    everyone: bool = False
    groups: list[Number] = Field(default_factory=list, max_length=MOST_BY_HAND)
    stages: list[Key] = Field(default_factory=list, max_length=20)


WhomIn = Annotated[ToPersonsIn | ToGroupsIn, Field(discriminator="type")]


class VariantIn(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^\w+$")]
    message: MessageIn
    share: int = Field(1, ge=1, le=100)


class GoalIn(BaseModel):
    what: Literal["order", "reply", "click", "visit"] = "order"
    days: int = Field(7, ge=1, le=90)
    planned_orders: int | None = Field(None, ge=0, le=10**9)
    planned_fen: int | None = Field(None, ge=0, le=10**14)


class WhenIn(BaseModel):
    kind: Literal["now", "at", "best"] = "now"
    at: Instant | None = None


class PlanIn(BaseModel):
    whom: WhomIn
    variants: list[VariantIn] = Field(default_factory=list, max_length=10)
    goal: GoalIn = Field(default_factory=GoalIn)
    when: WhenIn = Field(default_factory=WhenIn)
    sender: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\s\x00]+$")] | None = None
    words: Literal["auto", "personal", "one"] = "auto"
    holdout: float = Field(0.05, ge=0, le=0.5, allow_inf_nan=False)
    lasts_hours: int = Field(72, ge=1, le=720)
    worth_fen: int = Field(0, ge=0, le=10**9)


class BroadcastIn(BaseModel):
    name: Name
    purpose: PurposeIn = "sell"
    plan: PlanIn


class SavedIn(BroadcastIn):
    version: int = Field(ge=1, le=MOST_ID)
    """The one that was edited; where there is a newer one nothing is saved."""


class VersionIn(BaseModel):
    version: int = Field(ge=1, le=MOST_ID)


class CheckIn(BaseModel):
    message: MessageIn
    channel: Literal["contact", "group"] = "contact"
    purpose: PurposeIn = "sell"
    but: ShortText = ""
    """The campaign it is of, whose own words are not held against it."""


class TryIn(BaseModel):
    variant: Annotated[str, Field(min_length=1, max_length=20)]
    person: Number | None = None
    staff: ShortText = ""


def message_of(given: MessageIn) -> Message:
    return msgspec.convert(given.model_dump(), Message)


def plan_of(given: PlanIn, **more: Any) -> Plan:
    """The plan that was asked for. `more` is what an operator does not decide: which wave of which launch."""
    made = given.model_dump() | more
    made["when"]["at_us"] = _us(made["when"].pop("at"))
    made["whom"] = whom_made(made["whom"])
    return msgspec.convert(made, Plan)


def whom_made(whom: dict[str, Any]) -> dict[str, Any]:
    if "not_ordered_since" in whom:
        whom["not_ordered_since_us"] = _us(whom.pop("not_ordered_since"))
    return whom


def plan_told(plan: Plan) -> dict[str, Any]:
    """The plan as it is given out."""
    told: dict[str, Any] = msgspec.to_builtins(plan)
    told["when"]["at"] = _at(told["when"].pop("at_us"))
    if "not_ordered_since_us" in told["whom"]:
        told["whom"]["not_ordered_since"] = _at(told["whom"].pop("not_ordered_since_us"))
    return told


def _us(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)


def _at(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)
