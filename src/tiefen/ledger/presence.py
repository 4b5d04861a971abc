"""What the store knows of presence: marks, and the stays that follow from them, redone for whom a batch concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.ledger import dialect
from tiefen.ledger.schema import groups, marks, stays
from tiefen.ledger.stays import Mark, stays_of, together

Pair = tuple[int, int]
"""A group and a member (handle)."""

_MARK = ("group", "member", "what", "at_us", "corp_id", "how", "by", "inferred")
_STAY = (
    "corp_id", "group", "member", "joined_us", "left_us", "join_known", "left_known", "via", "how", "invited_by",
)  # fmt: skip


class Presence:
    """What facts say of presence, gathered before it is written."""

    def __init__(self) -> None:
        self.marks: dict[Pair, list[Mark]] = defaultdict(list)
        self.dismissed: dict[int, int] = {}

    def notice(self, kind: str, body: Any, at_us: int) -> None:
        """Take in a fact by its kept body; kinds that say nothing of presence are passed over."""
        match kind:
            case "message.posted":
                self.marks[body.group, body.member].append(Mark("seen", at_us))
            case "member.joined":
                mark = Mark("joined", at_us, body.via, body.invited_by, body.inferred)
                self.marks[body.group, body.member].append(mark)
            case "member.left":
                mark = Mark("left", at_us, body.how, body.removed_by, body.inferred)
                self.marks[body.group, body.member].append(mark)
            case "group.dismissed":
                self.dismissed[body.group] = min(at_us, self.dismissed.get(body.group, at_us))


def write_presence(connection: Connection, corp_id: str, presence: Presence) -> None:
    """Keep new marks and redo the stays of everybody they concern."""
    redone: set[Pair] = set()
    if presence.dismissed:
        redone = _dismiss(connection, presence.dismissed)
    pairs = sorted(presence.marks.keys() | redone)
    before = _marks_of(connection, pairs)
    after = {pair: together([*before.get(pair, ()), *presence.marks.get(pair, ())]) for pair in pairs}
    changed = [pair for pair in pairs if after[pair] != before.get(pair) or pair in redone]
    if changed:
        _rewrite(connection, corp_id, {pair: after[pair] for pair in changed}, before.keys())


def rebuild(connection: Connection, corp_id: str, facts: Iterable[tuple[str, int, Any]]) -> None:
    """Throw marks and stays away and make them anew from all facts of a corp: (kind, happened_us, kept body)."""
    presence = Presence()
    seen: dict[Pair, int] = {}
    for kind, at_us, body in facts:
        if kind != "message.posted":
            presence.notice(kind, body, at_us)
        elif at_us < seen.get((body.group, body.member), at_us + 1):
            seen[body.group, body.member] = at_us
    for pair, at_us in seen.items():
        presence.marks[pair].append(Mark("seen", at_us))
    connection.execute(sa.delete(marks).where(marks.c.corp_id == corp_id))
    connection.execute(sa.delete(stays).where(stays.c.corp_id == corp_id))
    connection.execute(sa.update(groups).where(groups.c.corp_id == corp_id).values(dismissed_us=None))
    write_presence(connection, corp_id, presence)


def _dismiss(connection: Connection, dismissed: dict[int, int]) -> set[Pair]:
    """The first dismissal of a group counts; returns everybody who was ever in it."""
    concerned: set[Pair] = set()
    for group, at_us in dismissed.items():
        earlier = sa.or_(groups.c.dismissed_us.is_(None), groups.c.dismissed_us > at_us)
        connection.execute(sa.update(groups).where(groups.c.group_id == group, earlier).values(dismissed_us=at_us))
        found = connection.execute(sa.select(marks.c.member).where(marks.c.group == group).distinct())
        concerned.update((group, member) for (member,) in found)
    return concerned


def _marks_of(connection: Connection, pairs: Collection[Pair]) -> dict[Pair, list[Mark]]:
    known: dict[Pair, list[Mark]] = {}
    rows = dialect.rows_of_pairs(connection, "marks", ("group", "member"), _MARK, pairs)
    for group, member, what, at_us, _, how, by, inferred in rows:
        known.setdefault((group, member), []).append(Mark(what, at_us, how, by, bool(inferred)))
    return {pair: together(theirs) for pair, theirs in known.items()}


def _rewrite(
    connection: Connection, corp_id: str, changed: dict[Pair, list[Mark]], known: Collection[Pair]
) -> None:
    ended = dialect.pairs(
        connection.execute(
            sa.select(groups.c.group_id, groups.c.dismissed_us).where(
                groups.c.corp_id == corp_id, groups.c.dismissed_us.is_not(None)
            )
        )
    )
    replaced = [pair for pair in changed if pair in known]
    dialect.delete_pairs(connection, "marks", ("group", "member"), replaced)
    dialect.delete_pairs(connection, "stays", ("group", "member"), replaced)
    dialect.insert_many(
        connection,
        "marks",
        _MARK,
        [
            (group, member, mark.what, mark.at_us, corp_id, mark.how, mark.by, mark.inferred)
            for (group, member), theirs in changed.items()
            for mark in theirs
        ],
    )
    dialect.insert_many(
        connection,
        "stays",
        _STAY,
        [
            (
                corp_id, group, member, stay.joined_us, stay.left_us, stay.join_known, stay.left_known, stay.via,
                stay.how, stay.invited_by,
            )
            for (group, member), theirs in changed.items()
            for stay in stays_of(theirs, dismissed_us=ended.get(group))
        ],
    )  # fmt: skip
