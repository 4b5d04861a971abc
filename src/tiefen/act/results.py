"""What became of what was let out (结果): the channel's facts move the outbox on, until every recipient has come to an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act import outbox
from tiefen.kit.slices import slices
from tiefen.ledger import dialect, following
from tiefen.ledger.facts.touches import TouchMoved
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.touches import proposals

FOLLOWER = "results"
_LATER: Mapping[str, int] = {"admitted": 0, "tasked": 1, "sent": 2, "delivered": 3, "failed": 3}
"""A touch only moves forward, whatever order its facts come in; an end is an end."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A touch came to a state."""

    proposal_id: str
    state: str
    reason: str | None
    at_us: int


def follow(ledger: Ledger, corp_id: str) -> int:
    """Take in what the channel told since; returns how many proposals moved."""
    changed = 0
    with ledger.read() as connection:
        if not following.behind(connection, corp_id, FOLLOWER):
            return changed
    while True:
        with ledger.write() as connection:
            news = following.news(connection, corp_id, FOLLOWER, (TouchMoved.kind,))
            told = [
                Moved(fact.body.touch, fact.body.state, fact.body.reason, fact.happened_us)
                for fact in news.facts
                if fact.body.state in ("tasked", "sent", "delivered", "failed")
            ]
            changed += keep(connection, corp_id, told)
            following.moved(connection, corp_id, FOLLOWER, news.through)
        if not news.more:
            return changed


def keep(connection: Connection, corp_id: str, told: Sequence[Moved]) -> int:
    """Move the rows of those that came further, and count them anew."""
    now = {row.proposal_id: row for row in _rows(connection, corp_id, {one.proposal_id for one in told})}
    last: dict[str, Moved] = {}
    for one in told:
        if (row := now.get(one.proposal_id)) is None or row.state not in _LATER:
            continue
        before = last[one.proposal_id].state if one.proposal_id in last else row.state
        if _LATER[one.state] > _LATER[before]:
            last[one.proposal_id] = one
    changes: Counter[tuple[str, str, str, str]] = Counter()
    for one in last.values():
        row = now[one.proposal_id]
        changes[row.campaign_id, row.step, row.state, row.reason or ""] -= 1
        changes[row.campaign_id, row.step, one.state, one.reason or ""] += 1
    dialect.change_many(
        connection, "proposals", ("state", "reason", "moved_us"), ("corp_id", "proposal_id"),
        [(one.state, one.reason, one.at_us, corp_id, one.proposal_id) for one in last.values()],
    )  # fmt: skip
    outbox.count(connection, corp_id, changes)
    return len(last)


def _rows(connection: Connection, corp_id: str, ids: Iterable[str]) -> Iterable[Any]:
    columns = proposals.c.proposal_id, proposals.c.campaign_id, proposals.c.step, proposals.c.state, proposals.c.reason
    for part in slices(sorted(ids)):
        asked = sa.select(*columns).where(proposals.c.corp_id == corp_id, proposals.c.proposal_id.in_(part))
        yield from connection.execute(asked)
