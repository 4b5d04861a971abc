"""An instant as the policy sees it: where its day, week and month begin, and when sending is open again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tiefen.decide.policy.holidays import is_rest_day
from tiefen.decide.policy.policy import Policy, Rule
from tiefen.kit.clock import from_us, start_of, to_us, zone

_FAR = 60
"""Days one looks ahead for an open one; with more rest days in a row the policy is taken at its word no longer."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, in the corp's calendar. One serves for all proposals that are judged at that instant."""

    now_us: int
    day_us: int
    week_us: int
    month_us: int
    days_in_month: int
    next_day_us: int
    next_week_us: int
    next_month_us: int
    waits: dict[tuple[bool, bool], tuple[int, str] | None]
    """By whether quiet hours and rest days matter: when sending is open again and what closes it; None where it is open."""
    opens: dict[tuple[int, bool, bool], int]
    """By (next day, week or month; whether quiet hours and rest days matter): when its first message may go."""

    def wait(self, rule: Rule) -> tuple[int, str] | None:
        """(until when, `quiet_hours` or `holiday`) a message has to wait under a rule."""
        return self.waits[rule.quiet, rule.rest_days]

    def opening(self, at_us: int, rule: Rule) -> int:
        """When the first message of the next day, week or month may go."""
        return self.opens.get((at_us, rule.quiet, rule.rest_days), at_us)


def moment(policy: Policy, now_us: int, zone_name: str) -> Moment:
    """The instant in the calendar of the zone."""
    today = from_us(now_us).astimezone(zone(zone_name)).date()
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    next_day, next_week, next_month = (
        start_of(day, zone_name) for day in (today + timedelta(days=1), monday + timedelta(days=7), after)
    )
    both = [(quiet, rest) for quiet in (True, False) for rest in (True, False)]
    return Moment(
        now_us, start_of(today, zone_name), start_of(monday, zone_name), start_of(first, zone_name),
        (after - first).days, next_day, next_week, next_month,
        {pair: _wait(policy, now_us, zone_name, *pair) for pair in both},
        {
            (at, *pair): next_open(policy, at, zone_name, quiet=pair[0], rest_days=pair[1])
            for at in (next_day, next_week, next_month)
            for pair in both
        },
    )  # fmt: skip


def next_open(policy: Policy, at_us: int, zone_name: str, *, quiet: bool = True, rest_days: bool = True) -> int:
    """The first instant from then on at which sending is open."""
    tz = zone(zone_name)
    for _ in range(2 * _FAR):
        local = from_us(at_us).astimezone(tz)
        if rest_days and _rests(policy, local.date()):
            at_us = start_of(local.date() + timedelta(days=1), zone_name)
        elif quiet and (until := _quiet_until(policy, local)) is not None:
            at_us = to_us(until)
        else:
            break
    return at_us


def _wait(policy: Policy, now_us: int, zone_name: str, quiet: bool, rest_days: bool) -> tuple[int, str] | None:
    opens = next_open(policy, now_us, zone_name, quiet=quiet, rest_days=rest_days)
    if opens == now_us:
        return None
    today = from_us(now_us).astimezone(zone(zone_name)).date()
    return opens, "holiday" if rest_days and _rests(policy, today) else "quiet_hours"


def _rests(policy: Policy, day: date) -> bool:
    also, never = policy.days
    return is_rest_day(day, policy.rest, also=also, never=never)


def _quiet_until(policy: Policy, local: datetime) -> datetime | None:
    """When the quiet hours end in which that instant lies; None outside them."""
    start, end = policy.quiet
    at = local.time()
    if start == end:
        return None
    if start < end:
        inside, day = start <= at < end, local.date()
    else:
        inside, day = at >= start or at < end, local.date() + timedelta(days=at >= start)
    return datetime.combine(day, time(end.hour, end.minute), local.tzinfo) if inside else None
