"""Looking at all invariants, and keeping what was found."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from tiefen.decide.policy import policy_of
from tiefen.insight.engine import Tables, opened
from tiefen.kit.settings import Settings
from tiefen.kit.text import to_json
from tiefen.ledger import dialect
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema.experiments import invariant_runs
from tiefen.outcome.invariants import INVARIANTS
from tiefen.outcome.invariants.base import Scene, Seen

log = structlog.get_logger()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What was last found of an invariant."""

    invariant: str
    run_us: int
    seconds: float
    looked_at: int
    broken: int
    rows: tuple[dict[str, Any], ...]
    since_us: int | None
    """From when it has been broken without a break."""
    trouble: str | None
    """Why it could not be looked at; what is told beside it is then of the time before."""


def look(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> list[Run]:
    """Look at every invariant now, and keep what was found. One that fails to look says so and does not hold up the others."""
    corp = ledger.corp(corp_id)
    policy = policy_of(corp.settings)
    with ledger.read() as connection:
        before = {run.invariant: run for run in kept(connection, corp_id)}
    found = []
    with ExitStack() as stack:

        def tables() -> Tables:
            return stack.enter_context(opened(ledger.snapshot(corp_id), settings))

        opening = _Once(tables)
        for one in INVARIANTS:
            began, seen, trouble = time.monotonic(), Seen(looked_at=0), None
            try:
                with ledger.read() as connection:
                    seen = one.look(Scene(connection, corp_id, now_us, corp.time_zone, policy, opening))
            except Exception as error:
                log.exception("an invariant could not be looked at", invariant=one.key, corp=corp_id)
                trouble = f"{type(error).__name__}: {error}"
            was = before.get(one.key)
            since = None if not seen.broken else (was.since_us if was is not None and was.since_us else now_us)
            found.append(
                Run(
                    invariant=one.key, run_us=now_us, seconds=time.monotonic() - began, looked_at=seen.looked_at,
                    broken=seen.broken, rows=seen.rows, since_us=since, trouble=trouble,
                )
            )  # fmt: skip
    with ledger.write() as connection:
        dialect.put(connection, invariant_runs, [_row(corp_id, run) for run in found])
    return found


def kept(connection: Connection, corp_id: str) -> list[Run]:
    """What was last found, in the order of the catalogue."""
    rows = {
        row.invariant: row
        for row in connection.execute(sa.select(invariant_runs).where(invariant_runs.c.corp_id == corp_id))
    }
    return [
        Run(
            invariant=row.invariant, run_us=row.run_us, seconds=row.seconds, looked_at=row.looked_at, broken=row.broken,
            rows=tuple(msgspec.json.decode(row.rows)), since_us=row.since_us, trouble=row.trouble,
        )
        for one in INVARIANTS
        if (row := rows.get(one.key)) is not None
    ]  # fmt: skip


def _row(corp_id: str, run: Run) -> dict[str, Any]:
    told = msgspec.structs.asdict(run)
    return told | {"corp_id": corp_id, "rows": to_json(run.rows)}


class _Once:
    """The tables, opened by the first who asks."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._made: Tables | None = None

    def __call__(self) -> Tables:
        if self._made is None:
            self._made = self._make()
        return self._made
