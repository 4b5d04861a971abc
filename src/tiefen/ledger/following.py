"""Reacting to facts: whoever follows sees each of a corp's facts once, in the order they were kept, and remembers how far they came.

What follows must not be seen by two at once; a follower's place moves in the transaction of what they made of the facts.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.ledger import dialect, kept
from tiefen.ledger.schema import counters, facts, followers

MOST = 5_000


class Kept(NamedTuple):
    """A fact as it is kept: its `body` has the attributes of its kind, with numbers in place of outer ids."""

    seq: int
    kind: str
    happened_us: int
    received_us: int
    source_id: str
    origin: str
    body: Any


class News(NamedTuple):
    """Facts that a follower has not seen, and the place to move to once they were dealt with."""

    facts: list[Kept]
    through: int
    more: bool
    """Whether there were more than fit, and the next look should be at once."""


def news(
    connection: Connection, corp_id: str, name: str, kinds: Collection[str] | None = None, *, most: int = MOST
) -> News:
    """What came since the follower last looked, of these kinds (None: of all). Whoever follows for the first time begins with
    what comes from now on; `moved` makes the place theirs."""
    last, since = _last_seq(connection), place(connection, corp_id, name)
    if since is None:
        return News([], last, False)
    asked = sa.select(
        facts.c.seq, facts.c.kind, facts.c.happened_us, facts.c.received_us, facts.c.source_id, facts.c.origin,
        facts.c.body,
    ).where(facts.c.seq > since, facts.c.seq <= last, facts.c.corp_id == corp_id)  # fmt: skip
    if kinds is not None:
        asked = asked.where(facts.c.kind.in_(sorted(kinds)))
    rows = dialect.plain_rows(connection, asked.order_by(facts.c.seq).limit(most))
    found = [Kept._make((*row[:6], kept.decode(row[1], row[6]))) for row in rows]
    more = len(rows) == most
    return News(found, found[-1].seq if more else last, more)


def place(connection: Connection, corp_id: str, name: str) -> int | None:
    """The `seq` up to which a follower has dealt with everything; None of somebody who does not follow."""
    asked = sa.select(followers.c.through).where(followers.c.corp_id == corp_id, followers.c.name == name)
    return connection.execute(asked).scalar()


def behind(connection: Connection, corp_id: str, name: str) -> bool:
    """Whether anything at all came since the follower last looked, or they never did: to be asked before a transaction of writing."""
    since = place(connection, corp_id, name)
    return since is None or since < _last_seq(connection)


def _last_seq(connection: Connection) -> int:
    return int(connection.execute(sa.select(counters.c.used).where(counters.c.name == "fact")).scalar_one())


def moved(connection: Connection, corp_id: str, name: str, through: int) -> None:
    """The follower has dealt with everything up to there."""
    row = dialect.insert(connection, followers).values(corp_id=corp_id, name=name, through=through)
    connection.execute(row.on_conflict_do_update(index_elements=["corp_id", "name"], set_={"through": through}))


def stop(connection: Connection, corp_id: str, name: str) -> None:
    """The follower will not look again, and nothing need be kept for them."""
    connection.execute(sa.delete(followers).where(followers.c.corp_id == corp_id, followers.c.name == name))


def seen_by_all() -> sa.ColumnElement[int]:
    """The `seq` up to which the slowest follower has seen everything; the highest there may be where nobody follows."""
    slowest = sa.select(sa.func.min(followers.c.through)).scalar_subquery()
    return sa.func.coalesce(slowest, sa.literal(2**62))
