"""Membership as intervals: the stays that follow from what is known of somebody's presence in a group.

`stays_of` is the definition. It looks at all marks of one person in one group at once, so the order in which facts
are delivered cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple


class Mark(NamedTuple):
    """A sign of presence at an instant: `joined`, `left`, or `seen` (the first message)."""

    what: str
    at_us: int
    how: str = "unknown"
    by: int | None = None
    inferred: bool = False


class Stay(NamedTuple):
    """One stay, from its beginning to its end; `left_us` is None while it lasts."""

    joined_us: int
    left_us: int | None
    join_known: bool
    left_known: bool
    via: str = "unknown"
    how: str | None = None
    invited_by: int | None = None


_ORDER = {"joined": 0, "seen": 1, "left": 2}


def together(known: Iterable[Mark]) -> list[Mark]:
    """The marks that matter, in order of time: one of a kind at an instant, and only the first sign of life."""
    best: dict[tuple[str, int], Mark] = {}
    first_seen: Mark | None = None
    for mark in known:
        if mark.what == "seen":
            if first_seen is None or mark.at_us < first_seen.at_us:
                first_seen = mark
            continue
        before = best.get((mark.what, mark.at_us))
        if before is None or _says_more(mark) < _says_more(before):
            best[mark.what, mark.at_us] = mark
    found = list(best.values())
    if first_seen is not None:
        found.append(first_seen)
    found.sort(key=lambda mark: (mark.at_us, _ORDER[mark.what]))
    return found


def _says_more(mark: Mark) -> tuple[bool, bool, str, bool, int]:
    return mark.inferred, mark.how == "unknown", mark.how, mark.by is None, mark.by or 0


def stays_of(known: Iterable[Mark], *, dismissed_us: int | None = None) -> list[Stay]:
    """The stays that marks amount to. Join, leave, rejoin are two stays; a second join without a leave is none.

    Who is seen without having joined was there from then on (`join_known` is false), unless a stay of theirs is over:
    then it was an echo. Who leaves without having been there was there for an unknown time, kept as a stay without
    length. Who is there and both leaves and joins within one instant has come back; who is not there has left again. A dismissed group
    holds nobody.
    """
    over: list[Stay] = []
    stay: Stay | None = None
    for _, instant in groupby(together(known), key=attrgetter("at_us")):
        for mark in sorted(instant, key=lambda m: _ORDER[m.what], reverse=stay is not None):
            stay = _after(mark, stay, over)
    if stay is not None:
        if dismissed_us is not None:
            stay = stay._replace(left_us=max(dismissed_us, stay.joined_us), left_known=True, how="dismissed")
        over.append(stay)
    return over


def _after(mark: Mark, stay: Stay | None, over: list[Stay]) -> Stay | None:
    """The stay that is open after a mark; one that it ends is added to `over`."""
    match mark.what:
        case "joined" if stay is None:
            return Stay(mark.at_us, None, not mark.inferred, False, mark.how, None, mark.by)
        case "joined" if not stay.join_known and stay.via == "unknown":
            return stay._replace(via=mark.how, invited_by=mark.by)
        case "seen" if stay is None and not over:
            return Stay(mark.at_us, None, False, False)
        case "left":
            was = stay or Stay(mark.at_us, None, False, False)
            over.append(was._replace(left_us=mark.at_us, left_known=not mark.inferred, how=mark.how))
            return None
        case _:
            return stay
