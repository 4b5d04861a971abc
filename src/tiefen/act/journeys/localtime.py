"""Clock and calendar of a company: the next time that it is a certain time of day on one of certain weekdays."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

from tiefen.kit.clock import from_us, to_us, zone

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
ALL_DAYS = (1, 2, 3, 4, 5, 6, 7)
"""Monday to Sunday."""


def is_time(text: str) -> bool:
    """Whether it is a time of day, `HH:MM`."""
    return _TIME.fullmatch(text) is not None


def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def on(day: date, time: str, zone_name: str) -> int:
    """The instant of a time of day there; in the hour that a change of clocks leaves out, the one after it."""
    at = minutes(time)
    return to_us(datetime(day.year, day.month, day.day, at // 60, at % 60, tzinfo=zone(zone_name)))


def next_window(now_us: int, start: str, end: str, weekdays: tuple[int, ...], zone_name: str) -> int:
    """`now_us` where it is within the hours on an allowed day, otherwise when they begin next."""
    here = from_us(now_us).astimezone(zone(zone_name))
    for ahead in range(9):
        day = here.date() + timedelta(days=ahead)
        if day.isoweekday() not in weekdays:
            continue
        begins, ends = on(day, start, zone_name), on(day, end, zone_name)
        if now_us < ends:
            return max(now_us, begins)
    raise ValueError("no weekday is allowed")


def after(rule: str, now_us: int, zone_name: str) -> int | None:
    """When a recurrence rule (RFC 5545) falls next, strictly after an instant; None where it has come to its end."""
    here = from_us(now_us).astimezone(zone(zone_name)).replace(tzinfo=None)
    found = _rule(rule).after(here)
    return None if found is None else to_us(found.replace(tzinfo=zone(zone_name)))


def wrong_rule(rule: str) -> bool:
    """Whether it is no recurrence rule, or one that could fall more often than every hour."""
    try:
        parsed = _rule(rule)
    except (ValueError, TypeError, AttributeError, KeyError):
        return True
    first = parsed.after(datetime(2026, 1, 1))
    second = parsed.after(first) if first else None
    return first is None or (second is not None and second - first < timedelta(hours=1))


@lru_cache(maxsize=256)
def _rule(rule: str):  # type: ignore[no-untyped-def]
    if len(rule) > 300:
        raise ValueError("too long")
    body = rule.removeprefix("RRULE:")
    if not body.startswith("FREQ=") or "FREQ=SECONDLY" in body or "FREQ=MINUTELY" in body or "\n" in body:
        raise ValueError("no rule")
    return rrulestr(body, dtstart=datetime(2020, 1, 6))
