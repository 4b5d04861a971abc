"""When the blocks of a playbook fall due in a group. Pure: a calendar, an anchor and a span of time go in, instants come out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tiefen.act.playbooks.playbook import EveryWeek, OnDate, OnDay, Placed, Playbook
from tiefen.kit.clock import SECOND_US, day_of, to_us, zone

MINUTE_US = 60 * SECOND_US
AHEAD_US = 120 * MINUTE_US
"""How long before its first act a block is opened, so that staff see it coming and can prepare."""


class Planned(NamedTuple):
    """A block on a day: opened at `due_us`, from `begins_us` to `over_us`, pointless to open after `ends_us`."""

    placed: Placed
    day: date
    due_us: int
    begins_us: int
    over_us: int
    ends_us: int


def plan(playbook: Playbook, anchor_us: int, from_us: int, until_us: int, zone_name: str) -> list[Planned]:
    """Every block that begins from `from_us` up to but not including `until_us`, in order."""
    first = day_of(anchor_us, zone_name)
    last = None if not playbook.days else first + timedelta(days=playbook.days - 1)
    found = [
        planned
        for placed in playbook.blocks
        for day in _days(placed, first, last, day_of(from_us, zone_name), day_of(until_us, zone_name))
        if from_us <= (planned := at(placed, day, begins(placed, day, zone_name))).begins_us < until_us
    ]
    return sorted(found, key=lambda one: (one.begins_us, one.placed.key))


def at(placed: Placed, day: date, begins_us: int) -> Planned:
    """A block planned for a day, beginning at that instant (which may be on another day, where it was moved)."""
    block = placed.block
    earliest = min((act.after_minutes for act in block.acts()), default=0)
    return Planned(
        placed, day, begins_us + min(earliest, 0) * MINUTE_US - AHEAD_US, begins_us,
        begins_us + int(block.hours * 60) * MINUTE_US, begins_us + int(block.window_hours * 60) * MINUTE_US,
    )  # fmt: skip


def begins(placed: Placed, day: date, zone_name: str) -> int:
    """When a block begins on a day. A wall clock that jumps over it makes it an hour later, not none."""
    hour, minute = map(int, placed.at.split(":"))
    return to_us(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone(zone_name)))


def _days(placed: Placed, first: date, last: date | None, since: date, until: date) -> Iterator[date]:
    match placed.when:
        case OnDay(day=nth):
            yield first + timedelta(days=nth - 1)
        case OnDate(on=on):
            if last is None or first <= on <= last:
                yield on
        case EveryWeek(weekdays=weekdays, from_day=from_day, until_day=until_day):
            day = max(since, first + timedelta(days=from_day - 1))
            end = until if last is None else min(until, last)
            if until_day is not None:
                end = min(end, first + timedelta(days=until_day - 1))
            while day <= end:
                if day.isoweekday() in weekdays:
                    yield day
                day += timedelta(days=1)
