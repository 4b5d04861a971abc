"""Time: microseconds since 1970 in UTC inside, aware datetimes at the edges, days in a corp's own zone."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_us() -> int:
    """This instant, in microseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1000


def to_us(at: datetime) -> int:
    """An aware datetime as microseconds since 1970; a naive one is a bug and raises."""
    if at.tzinfo is None:
        raise ValueError("a naive datetime has no instant")
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND_US + delta.microseconds


def from_us(us: int) -> datetime:
    """The aware UTC datetime of `us` microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=us)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The zone called `name`; an unknown name raises `ZoneInfoNotFoundError`."""
    return ZoneInfo(name)


def day_of(us: int, zone_name: str) -> date:
    """The calendar day on which `us` falls in that zone."""
    return from_us(us).astimezone(zone(zone_name)).date()


def start_of(day: date, zone_name: str) -> int:
    """The microsecond at which `day` begins in that zone."""
    return to_us(datetime(day.year, day.month, day.day, tzinfo=zone(zone_name)))


def offsets(zone_name: str, first_us: int, last_us: int) -> list[tuple[int, int]]:
    """(from, seconds east of UTC) for every stretch of constant offset between two instants.

    Engines disagree on zone names and rules; a handful of stretches written into a query
    means the same on all of them.
    """
    tz = zone(zone_name)

    def offset(us: int) -> int:
        delta = from_us(us).astimezone(tz).utcoffset()
        return int((delta or timedelta()).total_seconds())

    stretches = [(first_us, offset(first_us))]
    at, step = first_us, 7 * DAY_US
    while at < last_us:
        after = min(at + step, last_us)
        if offset(after) != stretches[-1][1]:
            low, high = at, after
            while high - low > SECOND_US:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == stretches[-1][1] else (low, middle)
            stretches.append((high // SECOND_US * SECOND_US, offset(high)))
        at = after
    return stretches


__all__ = [
    "DAY_US",
    "SECOND_US",
    "day_of",
    "from_us",
    "now_us",
    "offsets",
    "start_of",
    "to_us",
    "zone",
]
