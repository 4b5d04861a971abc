"""Membership as intervals: what is known of somebody's presence, and the stays that follow from it.

`stays_of` is the definition. It looks at all marks of one person in one group at once, so the order in which facts
are delivered cannot matter. The store keeps marks and stays side by side; only pairs that a batch touches are redone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.kit.slices import slices
from tiefen.ledger import dialect
from tiefen.ledger.schema import groups, marks, stays

Pair = tuple[int, int]
"""A group and a member (handle)."""

_ORDER = {"joined": 0, "seen": 1, "left": 2}


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign of presence: `joined`, `left`, or `seen` (the first message)."""

    what: str
    at_us: int
    how: str = "unknown"
    by: int | None = None
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay, from its beginning to its end; `left_us` is None while it lasts."""

    joined_us: int
    left_us: int | None
    join_known: bool
    left_known: bool
    via: str = "unknown"
    how: str | None = None
    invited_by: int | None = None


def stays_of(known: Iterable[Mark], *, dismissed_us: int | None = None) -> list[Stay]:
    """The stays that marks amount to. Join, leave, rejoin are two stays; a second join without a leave is none.

    Who is seen without having joined was there from then on (`join_known` is false). Who leaves without having
    been there was there for an unknown time, kept as a stay without length. A dismissed group holds nobody.

    A full list may tell when and how somebody came (`via`): then the join is known although nobody saw it happen. That
    somebody left is only inferred until the leaving itself is told: told late, it ends the stay, and the inference is void.
    """
    found: list[Stay] = []
    open_stay: Stay | None = None
    for mark in sorted(known, key=lambda m: (m.at_us, _ORDER[m.what], m.how, m.by or 0)):
        match mark.what, open_stay:
            case "joined" | "seen", None:
                if mark.what == "seen" and found:
                    continue  # an echo from a time already accounted for
                known_join = mark.what == "joined" and (not mark.inferred or mark.how != "unknown")
                open_stay = Stay(mark.at_us, None, known_join, False, mark.how, None, mark.by)
            case "left", None if mark.inferred and found:
                continue
            case "left", None:
                found.append(Stay(mark.at_us, mark.at_us, False, not mark.inferred, how=mark.how))
            case "left", Stay() as stay:
                found.append(_closed(stay, mark.at_us, mark.how, known=not mark.inferred))
                open_stay = None
            case "joined", Stay(join_known=False, via="unknown") as stay:
                open_stay = Stay(stay.joined_us, None, False, False, mark.how, None, mark.by)
            case _:
                pass
    if open_stay is not None:
        if dismissed_us is not None:
            open_stay = _closed(open_stay, max(dismissed_us, open_stay.joined_us), "dismissed", known=True)
        found.append(open_stay)
    return found


def _closed(stay: Stay, at_us: int, how: str, *, known: bool) -> Stay:
    return Stay(stay.joined_us, at_us, stay.join_known, known, stay.via, how, stay.invited_by)


class Presence:
    """What a batch says of presence, gathered before it is written."""

    def __init__(self) -> None:
        self.marks: dict[tuple[int, int, str, int], Mark] = {}
        self.dismissed: dict[int, int] = {}

    def mark(self, group: int, member: int, mark: Mark) -> None:
        key = (group, member, mark.what, mark.at_us)
        self.marks.setdefault(key, mark)

    def seen(self, group: int, member: int, at_us: int, cache: dict[Pair, int]) -> None:
        """A message; only the earliest of somebody in a group counts, and most are known to be later."""
        before = cache.get((group, member))
        if before is not None and before <= at_us:
            return
        cache[group, member] = at_us
        self.mark(group, member, Mark("seen", at_us))


def write_presence(connection: Connection, corp_id: str, presence: Presence) -> None:
    """Keep the marks of a batch and redo the stays of everybody they concern."""
    rows = [
        {
            "group": group, "member": member, "what": what, "at_us": at_us, "corp_id": corp_id,
            "how": mark.how, "by": mark.by, "inferred": mark.inferred,
        }
        for (group, member, what, at_us), mark in presence.marks.items()
    ]  # fmt: skip
    if rows:
        connection.execute(dialect.insert(connection, marks).on_conflict_do_nothing(), rows)
    pairs = {(group, member) for group, member, _, _ in presence.marks}
    for group, at_us in presence.dismissed.items():
        connection.execute(sa.update(groups).where(groups.c.group_id == group).values(dismissed_us=at_us))
        found = connection.execute(sa.select(marks.c.member).where(marks.c.group == group).distinct())
        pairs |= {(group, member) for (member,) in found}
    redo(connection, corp_id, pairs)


def redo(connection: Connection, corp_id: str, pairs: Iterable[Pair]) -> None:
    """Write the stays of these pairs anew from their marks."""
    for some in slices(sorted(pairs), 400):
        _redo(connection, corp_id, some)


def _redo(connection: Connection, corp_id: str, pairs: Sequence[Pair]) -> None:
    of = sa.tuple_(marks.c.group, marks.c.member).in_(pairs)
    known: dict[Pair, list[Mark]] = {pair: [] for pair in pairs}
    for row in connection.execute(sa.select(marks).where(of)):
        known[row.group, row.member].append(Mark(row.what, row.at_us, row.how, row.by, row.inferred))
    ended = dialect.pairs(
        connection.execute(
            sa.select(groups.c.group_id, groups.c.dismissed_us).where(
                groups.c.group_id.in_({group for group, _ in pairs}), groups.c.dismissed_us.is_not(None)
            )
        )
    )
    connection.execute(sa.delete(stays).where(sa.tuple_(stays.c.group, stays.c.member).in_(pairs)))
    rows = list(_rows(corp_id, known, ended))
    if rows:
        connection.execute(sa.insert(stays), rows)


def _rows(corp_id: str, known: dict[Pair, list[Mark]], ended: dict[int, Any]) -> Iterator[dict[str, Any]]:
    for (group, member), their in known.items():
        for stay in stays_of(their, dismissed_us=ended.get(group)):
            yield {
                "corp_id": corp_id, "group": group, "member": member,
                "joined_us": stay.joined_us, "left_us": stay.left_us,
                "join_known": stay.join_known, "left_known": stay.left_known,
                "via": stay.via, "how": stay.how, "invited_by": stay.invited_by,
            }  # fmt: skip
