"""What time and others do to tasks: they become late, they expire, whoever had them leaves."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.tasks import keeping
from tiefen.act.tasks.staffing import gone
from tiefen.act.tasks.task import WAITING
from tiefen.kit.clock import SECOND_US
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import people
from tiefen.ledger.schema.playbooks import tasks

_MOST = 1_000
GRACE_US = 15 * 60 * SECOND_US
"""A task is late a quarter of an hour after its time: to be punctual is not to be early."""


def turn(ledger: Ledger, settings: Settings, corp_id: str, now_us: int) -> bool:
    """Every task whose state is not as the time has it; whether there may be more."""
    with ledger.read() as connection:
        found = _expired(connection, corp_id, now_us), _late(connection, corp_id, now_us), _left(connection, corp_id)
    if not any(found):
        return False
    with ledger.together() as together:
        # Asked again in the transaction that changes them, since others may have moved them meanwhile.
        connection = together.connection
        if expired := _expired(connection, corp_id, now_us):
            keeping.expire(together, corp_id, expired, now_us)
        if late := _late(connection, corp_id, now_us):
            lost = _erased(connection, {row["person"] for row in late if row["person"] is not None})
            keeping.expire(together, corp_id, [r for r in late if r["person"] in lost], now_us, "erased")
            keeping.make_late(together, corp_id, [r for r in late if r["person"] not in lost], now_us)
        if left := _left(connection, corp_id):
            keeping.leave_behind(connection, corp_id, left, now_us)
    return any(len(some) == _MOST for some in (expired, late, left))


def _expired(connection: Connection, corp_id: str, now_us: int) -> list[dict[str, Any]]:
    return _rows(connection, corp_id, tasks.c.state.in_(WAITING), tasks.c.expires_us < now_us)


def _late(connection: Connection, corp_id: str, now_us: int) -> list[dict[str, Any]]:
    return _rows(
        connection, corp_id, tasks.c.state == "opened", tasks.c.due_us < now_us - GRACE_US, tasks.c.expires_us >= now_us
    )


def _left(connection: Connection, corp_id: str) -> list[dict[str, Any]]:
    left = gone(connection, corp_id)
    if not left:
        return []
    return _rows(connection, corp_id, tasks.c.staff.in_(sorted(left)), tasks.c.state.in_(WAITING))


def _rows(connection: Connection, corp_id: str, *where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    asked = sa.select(tasks).where(tasks.c.corp_id == corp_id, *where).order_by(tasks.c.due_us, tasks.c.task_id)
    return [dict(row._mapping) for row in connection.execute(asked.limit(_MOST))]


def _erased(connection: Connection, persons: set[int]) -> set[int]:
    asked = sa.select(people.c.person_id).where(people.c.person_id.in_(persons), people.c.erased_us.is_not(None))
    return set(connection.scalars(asked)) if persons else set()
