"""A company's rules for sending, kept in its settings under `policy`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any, Literal

import msgspec

from tiefen.decide.policy.errors import BadPolicy
from tiefen.decide.policy.holidays import Rest

PURPOSES = ("sell", "give", "care", "service")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_MOST_BLOCKED = 100_000


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What holds a message of one purpose back."""

    quiet: bool
    """It waits for the end of quiet hours."""
    rest_days: bool
    """It waits for the next day that is no holiday."""
    budget: bool
    """It is paid for out of somebody's attention. What is not still counts as sent."""
    holdout: bool
    """It does not go to those who are held out of everything."""


RULES: Mapping[str, Rule] = {
    "sell": Rule(quiet=True, rest_days=True, budget=True, holdout=True),
    "give": Rule(quiet=True, rest_days=False, budget=True, holdout=True),
    # A greeting belongs to the holiday.
    "care": Rule(quiet=True, rest_days=False, budget=True, holdout=True),
    # Somebody asked for it: an answer at night is welcome, and to hold it back would be no experiment but bad service.
    "service": Rule(quiet=False, rest_days=False, budget=False, holdout=False),
}


class Quota(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many messages at most, by the corp's calendar (weeks begin on Monday); None is no limit.

    WeCom's own limit is as many a month as the month has days (`days`); an administrator may set it to 7 a week or 1 a day
    (https://developer.work.weixin.qq.com/document/path/92135).
    """

    day: int | None = None
    week: int | None = None
    month: int | Literal["days"] | None = "days"


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules for sending. What is not set has a sensible default."""

    quiet_from: str = "21:30"
    quiet_until: str = "08:30"
    """Nothing but service is sent from then until then, by the corp's clock; the same twice is no quiet at all."""
    rest: Rest = "holidays"
    """On which days nothing is sold: never, public holidays, or weekends too but for make-up workdays."""
    rest_also: tuple[str, ...] = ()
    rest_never: tuple[str, ...] = ()
    """Single days (YYYY-MM-DD) on which people are left alone besides, or are not."""
    person: Quota = Quota(day=2)
    group: Quota = Quota(day=3)
    staff_tasks: int = 50
    """How many message tasks one member of staff is given a day."""
    personal_taps: int = 20
    """Up to how many tasks a day, each a tap, people get words of their own from one member of staff; beyond that the plain ones, in
    broadcasts and journeys that leave it open."""
    budget: float = 3.0
    """Selling messages a week somebody gets over all channels while nothing is known of them; what is for something else costs less."""
    budget_most: float = 7.0
    """What nobody's budget goes beyond, whatever they answer."""
    group_cost: float = 0.2
    """What a message to a group costs each of its members, as a share of what it would in person: most scroll past it."""
    group_budget: float = 5.0
    """Selling messages a week a group gets."""
    holdout: float = 0.05
    """The share of persons, and of groups, that are held out of everything, so that what all of it brings can be told."""
    blocked: tuple[int, ...] = ()
    blocked_groups: tuple[int, ...] = ()
    """Persons and groups (by number) that nothing is sent to, whatever they agreed to."""
    consent_needed: tuple[str, ...] = ()
    """Purposes that need a consent; the others need that none was withdrawn."""
    same_words_days: int = 30
    same_words_share: float = 0.3
    """Nobody is told the same twice within so many days; a group is not when more than this share of it was told."""
    contact_worth_fen: int = 5_000
    """What it costs to lose somebody of whom nothing better is known."""
    weary_loss: float = 0.5
    """How likely a selling message that brings somebody to just their week's budget loses them, by leaving or by no longer listening,
    which nobody sees; a quarter of that where half of it is used. More sends less to those who were told much lately."""
    refuse_unworthy: bool = True
    """Whether a message that is worth something, but less than the patience it costs, stays unsent."""

    def __post_init__(self) -> None:
        for field in ("quiet_from", "quiet_until"):
            if not _CLOCK.fullmatch(getattr(self, field)):
                raise BadPolicy(field, "a time of day is HH:MM")
        for field in ("rest_also", "rest_never"):
            for day in getattr(self, field):
                _check_day(field, day)
        if both := set(self.rest_also) & set(self.rest_never):
            raise BadPolicy("rest_never", f"{min(both)} cannot be a rest day and not be one")
        for field in ("person", "group"):
            _check_quota(field, getattr(self, field))
        _check_range("staff_tasks", self.staff_tasks, 1, 1_000)
        _check_range("personal_taps", self.personal_taps, 0, 1_000)
        _check_range("budget_most", self.budget_most, 0.5, 50)
        _check_range("budget", self.budget, 0, self.budget_most)
        _check_range("group_cost", self.group_cost, 0, 1)
        _check_range("group_budget", self.group_budget, 0, 50)
        _check_range("holdout", self.holdout, 0, 0.5)
        _check_range("same_words_days", self.same_words_days, 0, 365)
        _check_range("same_words_share", self.same_words_share, 0, 1)
        _check_range("weary_loss", self.weary_loss, 0, 5)
        _check_range("contact_worth_fen", self.contact_worth_fen, 0, 100_000_000)
        if unknown := set(self.consent_needed) - set(PURPOSES):
            raise BadPolicy("consent_needed", f"there is no purpose {min(unknown)}")
        for field in ("blocked", "blocked_groups"):
            if len(getattr(self, field)) > _MOST_BLOCKED:
                raise BadPolicy(field, f"at most {_MOST_BLOCKED} can be listed")

    @property
    def taps_for_words(self) -> int:
        """Up to how many tasks a day people get words of their own: never more than staff are given."""
        return min(self.personal_taps, self.staff_tasks)

    @property
    def quiet(self) -> tuple[time, time]:
        return time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_until)

    @property
    def days(self) -> tuple[frozenset[date], frozenset[date]]:
        """`rest_also` and `rest_never` as dates."""
        also, never = (frozenset(map(date.fromisoformat, some)) for some in (self.rest_also, self.rest_never))
        return also, never


def policy_of(settings: Mapping[str, Any]) -> Policy:
    """The policy in a corp's settings; `BadPolicy` for one that cannot be."""
    try:
        return msgspec.convert(settings.get("policy", {}), Policy)
    except msgspec.ValidationError as error:
        # What a rule itself refuses arrives wrapped.
        if isinstance(error.__cause__, BadPolicy):
            raise error.__cause__ from None
        said, _, where = str(error).partition(" - at `$")
        raise BadPolicy(where.strip("`.") or "policy", said) from None


def _check_day(field: str, day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise BadPolicy(field, f"{day} is no day (YYYY-MM-DD)") from None


def _check_quota(field: str, quota: Quota) -> None:
    for name in ("day", "week", "month"):
        value = getattr(quota, name)
        if isinstance(value, int):
            _check_range(f"{field}.{name}", value, 0, 1_000)


def _check_range(field: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise BadPolicy(field, f"it must lie between {least:g} and {most:g}")
