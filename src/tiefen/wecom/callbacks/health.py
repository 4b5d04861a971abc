"""How the callbacks of a company are: when the last one came, what waits, what was refused and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection as Rows

from tiefen.kit.clock import day_of, now_us
from tiefen.kit.share import Share
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import wecom_corps, wecom_counts, wecom_events
from tiefen.wecom.callbacks.http import VERIFIED

_FAILURES = 20


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that is kept and was not understood. `state` is failed or unknown."""

    seq: int
    event: str
    change: str
    received_us: int
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Health:
    """Today is the company's calendar day. Whatever was never seen is None, not zero."""

    corp_id: str
    connected: bool
    last_us: int | None
    """When the last event came in."""
    verified_us: int | None
    """When the address was proved to WeCom last."""
    late: Share
    """Microseconds by which today's events came later than they happened, all together, of how many."""
    waiting: int
    waiting_since_us: int | None
    events: dict[str, int]
    """How many came today, by kind (`change_external_chat/update`)."""
    again: int
    """How many redeliveries came today."""
    refused: dict[str, int]
    """Today, by the code of the reason."""
    welcomes: dict[str, int]
    """Today, by what became of them: answered, late, failed."""
    failed: int
    unknown: int
    failures: tuple[Failure, ...]
    """The latest of those."""


def health(ledger: Ledger, corp_id: str) -> Health:
    """How the callbacks of a company are; reads kept counts and the few rows that are open."""
    zone = ledger.corp(corp_id).time_zone
    with ledger.read() as rows:
        counts = _counts(rows, corp_id, day_of(now_us(), zone).isoformat())
        open_ = _open(rows, corp_id)
        connected = rows.execute(sa.select(wecom_corps.c.corp_id).where(wecom_corps.c.corp_id == corp_id)).first()
        last = _last(rows, corp_id, sa.or_(wecom_counts.c.what.startswith("event:"), wecom_counts.c.what == "again"))
        verified = _last(rows, corp_id, wecom_counts.c.what == VERIFIED)
        failures = tuple(_failures(rows, corp_id))
    events = _of(counts, "event:")
    return Health(
        corp_id=corp_id, connected=connected is not None, last_us=last, verified_us=verified,
        late=Share(sum(row.late_us for what, row in counts.items() if what.startswith("event:")), sum(events.values())),
        waiting=open_.get("waiting", (0, None))[0], waiting_since_us=open_.get("waiting", (0, None))[1],
        events=events, again=sum(_of(counts, "again").values()), refused=_of(counts, "refused:"),
        welcomes=_of(counts, "welcome:"), failed=open_.get("failed", (0, None))[0],
        unknown=open_.get("unknown", (0, None))[0], failures=failures,
    )  # fmt: skip


def _counts(rows: Rows, corp_id: str, day: str) -> dict[str, Any]:
    asked = sa.select(wecom_counts).where(wecom_counts.c.corp_id == corp_id, wecom_counts.c.day == day)
    return {row.what: row for row in rows.execute(asked)}


def _last(rows: Rows, corp_id: str, which: sa.ColumnElement[bool]) -> int | None:
    last: int | None = rows.execute(
        sa.select(sa.func.max(wecom_counts.c.last_us)).where(wecom_counts.c.corp_id == corp_id, which)
    ).scalar()
    return last


def _of(counts: dict[str, Any], prefix: str) -> dict[str, int]:
    return {what.removeprefix(prefix): row.times for what, row in counts.items() if what.startswith(prefix)}


def _open(rows: Rows, corp_id: str) -> dict[str, tuple[int, int]]:
    """By state how many there are, and when the first of them came."""
    first = wecom_events.alias()
    asked = (
        sa.select(wecom_events.c.state, sa.func.count().label("events"), sa.func.min(wecom_events.c.seq).label("seq"))
        .where(wecom_events.c.corp_id == corp_id, wecom_events.c.state != "done")
        .group_by(wecom_events.c.state)
        .subquery()
    )
    joined = sa.select(asked.c.state, asked.c.events, first.c.received_us).join(first, first.c.seq == asked.c.seq)
    return {state: (events, received) for state, events, received in rows.execute(joined)}


def _failures(rows: Rows, corp_id: str) -> list[Failure]:
    columns = [wecom_events.c[name] for name in ("seq", "event", "change", "received_us", "state", "reason")]
    asked = (
        sa.select(*columns)
        .where(wecom_events.c.corp_id == corp_id, wecom_events.c.state.in_(("failed", "unknown")))
        .order_by(wecom_events.c.seq.desc())
        .limit(_FAILURES)
    )
    return [Failure(*row) for row in rows.execute(asked)]
