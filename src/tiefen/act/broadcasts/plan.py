"""What a broadcast is: for whom, what is said in which variants, when, through whom, and what it is to bring."""

from __future__ import annotations

from typing import Literal

import msgspec

from tiefen.act import templates
from tiefen.act.broadcasts.errors import BadPlan
from tiefen.act.message import Message
from tiefen.act.proposal import Channel, Purpose
from tiefen.act.words import WORDS, Words, without_plain

HOLDOUT = 0.05
MOST_VARIANTS, MOST_BY_HAND = 4, 10_000
PURPOSES: tuple[Purpose, ...] = ("sell", "give", "care", "service")


class ToPersons(msgspec.Struct, frozen=True, kw_only=True, tag="persons"):
    """Everybody who is in any of these; without those of `without_segments`."""

    everyone: bool = False
    """Whoever is somebody's contact at present."""
    segments: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    persons: tuple[int, ...] = ()
    without_segments: tuple[str, ...] = ()
    not_ordered_since_us: int | None = None
    """Only who has paid no order since then: the part of a launch that is still to be won."""


class ToGroups(msgspec.Struct, frozen=True, kw_only=True, tag="groups"):
    """Groups: all that are not dismissed, by hand, or by the stage of their life in the current reading."""

    everyone: bool = False
    groups: tuple[int, ...] = ()
    stages: tuple[str, ...] = ()


Whom = ToPersons | ToGroups


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One way to say it, and its part of those who are told."""

    name: str
    message: Message
    share: int = 1
    """In parts: 1 and 1 is half each."""


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """What it is to bring, and for how long what happens counts for it."""

    what: Literal["order", "reply", "click", "visit"] = "order"
    days: int = 7
    planned_orders: int | None = None
    planned_fen: int | None = None


class When(msgspec.Struct, frozen=True, kw_only=True):
    """now: once it is approved; at: at an instant; best: from that instant on, for each at the hour they are most active at."""

    kind: Literal["now", "at", "best"] = "now"
    at_us: int | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A broadcast as an operator decides it."""

    whom: Whom = msgspec.field(default_factory=ToPersons)
    variants: tuple[Variant, ...] = ()
    goal: Goal = msgspec.field(default_factory=Goal)
    when: When = msgspec.field(default_factory=When)
    sender: str | None = None
    """The `userid` of who is to say all of it; None leaves it to whoever knows them best, and of a group to its owner."""
    words: Words = "auto"
    """Whether each gets words of their own: a task each for staff."""
    holdout: float = HOLDOUT
    lasts_hours: int = 72
    """After so long it would be pointless, and what is not sent is let go."""
    worth_fen: int = 0
    """What one message is expected to bring: of two that compete for somebody's attention the one that is worth more goes."""
    launch: str | None = None
    """The launch it is a wave of."""
    wave: str = ""
    """Which wave: announce, questions, scroll_back, results, free_talk."""

    @property
    def channel(self) -> Channel:
        return "group" if isinstance(self.whom, ToGroups) else "contact"

    @property
    def arms(self) -> tuple[tuple[str, int], ...]:
        """The variants with their parts."""
        return tuple((variant.name, variant.share) for variant in self.variants)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the proposing has come; kept in the transaction of what was proposed."""

    began_us: int
    audience: int
    through: int = -(2**63)
    """The last of the audience that was dealt with."""
    done: int = 0
    held_out: int = 0
    proposed: int = 0
    refused: dict[str, int] = {}
    """What never got before the gate, by reason: missing_variable, too_long."""
    plain: int = 0
    """Who is told the plain words, so that staff need not tap for each."""


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a broadcast beside its name and state."""

    plan: Plan
    run: int = 0
    """Goes up with each approval, so that what is proposed after an undo is new."""
    progress: Progress | None = None
    by: str = ""
    """Who approved it."""


def checked(plan: Plan, *, whole: bool) -> Plan:
    """The plan, or what is impossible in it. `whole`: also what is only missing, for a draft may be half done."""
    names = [variant.name for variant in plan.variants]
    if len(names) > MOST_VARIANTS:
        raise BadPlan("variants", f"there are {len(names)}, and {MOST_VARIANTS} are possible")
    if len(set(names)) < len(names):
        raise BadPlan("variants", "two have the same name")
    if "holdout" in names or not all(name.strip() for name in names):
        raise BadPlan("variants", "each needs a name, which may not be “holdout”")
    if any(not 0 < variant.share <= 100 for variant in plan.variants):
        raise BadPlan("variants", "a share is between 1 and 100 parts")
    if not 0 <= plan.holdout <= 0.5:
        raise BadPlan("holdout", "it is between 0 and half")
    if not 1 <= plan.goal.days <= 90:
        raise BadPlan("goal", "the window is 1 to 90 days")
    if not 1 <= plan.lasts_hours <= 24 * 30:
        raise BadPlan("lasts_hours", "it is between an hour and 30 days")
    if plan.words not in WORDS:
        raise BadPlan("words", "it is auto, personal or one")
    if plan.when.kind != "now" and plan.when.at_us is None:
        raise BadPlan("when", "the instant is missing")
    if isinstance(plan.whom, ToPersons) and len(plan.whom.persons) > MOST_BY_HAND:
        raise BadPlan("whom", f"by hand at most {MOST_BY_HAND} people; make an audience of more")
    for variant in plan.variants:
        templates.checked(variant.message)
    if whole:
        _nothing_missing(plan)
    return plan


def _nothing_missing(plan: Plan) -> None:
    if not plan.variants:
        raise BadPlan("variants", "there is no message")
    if plan.words == "one" and (bare := {key for variant in plan.variants for key in without_plain(variant.message)}):
        raise BadPlan("words", f"the same words for all need a fallback for {', '.join(sorted(bare))}")
    match plan.whom:
        case ToPersons(everyone=False, segments=(), audiences=(), persons=()):
            raise BadPlan("whom", "nobody was chosen")
        case ToGroups(everyone=False, groups=(), stages=()):
            raise BadPlan("whom", "no group was chosen")
