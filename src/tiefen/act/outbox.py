"""The outbox: proposals wait here for the gate, and what it let out for the channel. Written in the transaction of whoever proposes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.message import Message
from tiefen.act.proposal import Proposal
from tiefen.ledger import dialect
from tiefen.ledger.schema.touches import campaign_counts, contents

_COLUMNS = (
    "corp_id", "proposal_id", "campaign_id", "step", "person", "group", "channel", "purpose", "content_id", "plain_id", "arm",
    "sender", "worth_fen", "state", "due_us", "expires_us", "moved_us",
)  # fmt: skip


def keep_content(connection: Connection, corp_id: str, message: Message) -> str:
    """Keep what a message says, once; returns its id."""
    keep_contents(connection, corp_id, {message.content_id: message})
    return message.content_id


def keep_contents(connection: Connection, corp_id: str, some: Mapping[str, Message]) -> None:
    """Keep what many messages say, by their ids, each once."""
    rows = [
        (corp_id, content_id, msgspec.json.encode(message).decode()) for content_id, message in sorted(some.items())
    ]
    dialect.insert_new(connection, "contents", ("corp_id", "content_id", "body"), rows)


def content(connection: Connection, corp_id: str, content_id: str) -> Message:
    """What a content says."""
    asked = sa.select(contents.c.body).where(contents.c.corp_id == corp_id, contents.c.content_id == content_id)
    return msgspec.json.decode(connection.execute(asked).scalar_one(), type=Message)


def propose(connection: Connection, corp_id: str, some: Sequence[Proposal], now_us: int) -> int:
    """Put proposals before the gate; those that are there already change nothing. Returns how many were new."""
    rows = [
        (
            corp_id, one.proposal_id, one.campaign_id, one.step, one.person, one.group, one.channel, one.purpose,
            one.content_id, one.plain_id, one.arm, one.sender, one.worth_fen, "proposed", one.due_us, one.expires_us, now_us,
        )
        for one in some
    ]  # fmt: skip
    new = dialect.insert_new(connection, "proposals", _COLUMNS, rows, ("campaign_id", "step"))
    counted = Counter(new)
    count(connection, corp_id, {(campaign, step, "proposed", ""): n for (campaign, step), n in counted.items()})
    return len(new)


def count(connection: Connection, corp_id: str, changes: Mapping[tuple[str, str, str, str], int]) -> None:
    """Keep count of proposals by (campaign, step, state, reason): how many more there are of each, or fewer."""
    rows = [
        {"corp_id": corp_id, "campaign_id": campaign, "step": step, "state": state, "reason": reason, "times": n}
        for (campaign, step, state, reason), n in changes.items()
        if n
    ]
    if not rows:
        return
    upsert = dialect.insert(connection, campaign_counts)
    connection.execute(
        upsert.on_conflict_do_update(
            index_elements=["corp_id", "campaign_id", "step", "state", "reason"],
            set_={"times": campaign_counts.c.times + upsert.excluded.times},
        ),
        rows,
    )


def counts(
    connection: Connection, corp_id: str, campaigns: Iterable[str]
) -> dict[str, dict[tuple[str, str, str], int]]:
    """By campaign: how many proposals are in which (step, state, reason)."""
    asked = sa.select(campaign_counts).where(
        campaign_counts.c.corp_id == corp_id, campaign_counts.c.campaign_id.in_(list(campaigns)),
        campaign_counts.c.times != 0,
    )  # fmt: skip
    found: dict[str, dict[tuple[str, str, str], int]] = {}
    for row in connection.execute(asked):
        found.setdefault(row.campaign_id, {})[row.step, row.state, row.reason] = row.times
    return found
