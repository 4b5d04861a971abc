"""Who came and went, when events and full lists tell of it: what is known goes in, what is to be told comes out.

Events carry the second of what happened and come late, doubled, in any order, or never. A list (`groupchat/get`) carries the
second at which everybody in it came, and is what it was some two seconds before it was read
(https://developer.work.weixin.qq.com/document/path/92122). What is told is laid down as marks, from which
`ledger.stays.stays_of` makes the stays.

Promised of everybody, once a list was taken after the last event: whoever is in the list is in the group since the second the
list says, and nobody else is. A stay begins at its exact second if its event came or any list had it. It ends at its exact
second if its event came, before the list or after; else between the last sign of it and the first list without it that was
taken once it was known, and before they came again. Of a stay that neither an event began nor any list had, only its end is
known, and of one without an end either, nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tiefen.kit.clock import SECOND_US
from tiefen.ledger.stays import Mark, Stay, stays_of

SAME_US = 2 * SECOND_US
"""An event and a list may tell the same coming by seconds this far apart."""
SETTLED_US = 3 * SECOND_US
"""What happened this shortly before a list was read may not be in it."""
STUBBORN_US = 60 * SECOND_US
"""A list that still has somebody so long after an event told that they left is believed."""
SKEW_US = 5 * SECOND_US
"""How far the clock of whoever reads lists may be behind WeCom's without harm."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something to tell of somebody in a group."""

    what: Literal["joined", "left"]
    at_us: int
    inferred: bool = False

    def mark(self, how: str = "unknown") -> Mark:
        return Mark(self.what, self.at_us, how, None, self.inferred)


def joined(known: Sequence[Mark], at_us: int) -> list[Told]:
    """An event says that somebody joined."""
    for mark in known:
        if mark.what == "joined" and abs(mark.at_us - at_us) <= SAME_US and not _left_between(known, mark.at_us, at_us):
            return []
    # Out and in again within one second: the coming was after the going, or they would not be in.
    again = any(mark.what == "left" and mark.at_us == at_us for mark in known) and _open(_before(known, at_us))
    return [Told("joined", at_us + again)]


def left(known: Sequence[Mark], at_us: int) -> list[Told]:
    """An event says that somebody left."""
    for mark in known:
        if mark.what != "left":
            continue
        if at_us - 1 <= mark.at_us <= at_us and not mark.inferred:
            return []
        if (
            mark.inferred
            and mark.at_us < at_us <= mark.at_us + SKEW_US
            and not _joined_between(known, mark.at_us, at_us)
        ):
            return []
    back = any(mark.what == "joined" and mark.at_us == at_us for mark in known) and _open(_before(known, at_us))
    return [Told("left", at_us - back)]


def listed(known: Sequence[Mark], joined_us: int, seen_us: int, *, first: bool = False) -> list[Told]:
    """A list read at `seen_us` has somebody who joined at `joined_us`. `first`: nothing was known of the group before."""
    near = [mark.at_us for mark in known if mark.what == "joined" and abs(mark.at_us - joined_us) <= SAME_US]
    told: list[Told] = []
    if near:
        since = min(near, key=lambda at: (abs(at - joined_us), at))
    else:
        since = joined_us
        told.append(Told("joined", since, inferred=not first))
    now = [*known, *(one.mark() for one in told)]
    told += _missing_ends(now, since)
    return told + _still_there(now, since, seen_us)


def unlisted(known: Sequence[Mark], seen_us: int) -> list[Told]:
    """A list read at `seen_us` has not got somebody of whom these marks are known."""
    settled = _before(known, seen_us - SETTLED_US)
    if not settled or len(settled) < len(known):
        return []  # what came after the list was read is not undone by it
    told = _missing_ends(settled, settled[-1].at_us)
    if _open([*settled, *(one.mark() for one in told)]):
        told.append(Told("left", seen_us, inferred=True))
    return told


def inside_since(known: Iterable[Mark]) -> int | None:
    """Since when they are in the group, as far as these marks go; None for who is not."""
    stay = _last(known)
    return stay.joined_us if stay is not None and stay.left_us is None else None


def _missing_ends(known: Sequence[Mark], until_us: int) -> list[Told]:
    """Whoever joins again has left before, whether or not that was told."""
    told: list[Told] = []
    for at_us in sorted({mark.at_us for mark in known if mark.what == "joined" and mark.at_us <= until_us}):
        before = [*_before(known, at_us), *(one.mark() for one in told)]
        stay = _last(before)
        if stay is not None and stay.left_us is None and stay.joined_us < at_us - SAME_US:
            told.append(Told("left", at_us - 1, inferred=True))
    return told


def _still_there(known: Sequence[Mark], since_us: int, seen_us: int) -> list[Told]:
    """They are there although their leaving was told."""
    if any(mark.what == "joined" and mark.at_us > since_us for mark in known):
        return []
    ends = [mark for mark in known if mark.what == "left" and mark.at_us >= since_us]
    if not ends:
        return []
    end = max(ends, key=lambda mark: mark.at_us)
    if end.at_us > seen_us - (SETTLED_US if end.inferred else STUBBORN_US):
        return []
    return [Told("joined", end.at_us + 1, inferred=True)]


def _before(known: Iterable[Mark], at_us: int) -> list[Mark]:
    return sorted((mark for mark in known if mark.at_us < at_us), key=lambda mark: mark.at_us)


def _last(known: Iterable[Mark]) -> Stay | None:
    stays = stays_of(known)
    return stays[-1] if stays else None


def _open(known: Iterable[Mark]) -> bool:
    return inside_since(known) is not None


def _left_between(known: Iterable[Mark], one_us: int, other_us: int) -> bool:
    low, high = sorted((one_us, other_us))
    return any(mark.what == "left" and low <= mark.at_us < high for mark in known)


def _joined_between(known: Iterable[Mark], low_us: int, high_us: int) -> bool:
    return any(mark.what == "joined" and low_us < mark.at_us <= high_us for mark in known)
