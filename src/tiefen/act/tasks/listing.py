"""Reading tasks: lists narrowed to whose, which and in what state, and one task with what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from tiefen.act.tasks.task import WAITING, TaskNotFound
from tiefen.ledger.schema.playbooks import task_counts, task_notes, tasks
from tiefen.ledger.schema.touches import campaigns, proposals

In = Literal["waiting", "late", "done", "skipped"]
_STATES: dict[In, tuple[str, ...]] = {
    "waiting": WAITING, "late": ("late",), "done": ("done",), "skipped": ("skipped",),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What a list is narrowed to. `staff` "" is nobody's, None is everybody's."""

    state: In = "waiting"
    staff: str | None = None
    kind: str | None = None
    campaign_id: str | None = None
    group: int | None = None

    @property
    def latest_first(self) -> bool:
        """What waits is in order of its due time; what is over, the latest first."""
        return self.state not in ("waiting", "late")

    def where(self, corp_id: str) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = [tasks.c.corp_id == corp_id, tasks.c.state.in_(_STATES[self.state])]
        if self.staff is not None:
            found.append(tasks.c.staff.is_(None) if self.staff == "" else tasks.c.staff == self.staff)
        for column, value in (
            (tasks.c.kind, self.kind), (tasks.c.campaign_id, self.campaign_id), (tasks.c.group, self.group)
        ):  # fmt: skip
            if value is not None:
                found.append(column == value)
        return found


def page(
    connection: Connection, corp_id: str, narrowed: Narrowed, after: tuple[int, str] | None, limit: int
) -> Sequence[Any]:  # fmt: skip
    """Up to `limit` tasks after a place (its time and id), in order."""
    at = tasks.c.moved_us if narrowed.latest_first else tasks.c.due_us
    asked = sa.select(tasks).where(*narrowed.where(corp_id))
    if after is not None:
        beyond = at < after[0] if narrowed.latest_first else at > after[0]
        asked = asked.where(sa.or_(beyond, sa.and_(at == after[0], tasks.c.task_id > after[1])))
    order = at.desc() if narrowed.latest_first else at
    return list(connection.execute(asked.order_by(order, tasks.c.task_id).limit(limit)))


def one(connection: Connection, corp_id: str, task_id: str) -> Any:
    row = connection.execute(sa.select(tasks).where(tasks.c.corp_id == corp_id, tasks.c.task_id == task_id)).first()
    if row is None:
        raise TaskNotFound(task_id)
    return row


def notes(connection: Connection, corp_id: str, task_id: str) -> Sequence[Any]:
    """What became of a task, in order."""
    asked = sa.select(task_notes).where(task_notes.c.corp_id == corp_id, task_notes.c.task_id == task_id)
    return list(connection.execute(asked.order_by(task_notes.c.note_id).limit(500)))


def counts(connection: Connection, corp_id: str) -> list[dict[str, Any]]:
    """(staff, kind, state, times) of all there are."""
    asked = sa.select(task_counts.c.staff, task_counts.c.kind, task_counts.c.state, task_counts.c.times).where(
        task_counts.c.corp_id == corp_id, task_counts.c.times != 0
    )
    return [dict(row._mapping) for row in connection.execute(asked)]


def to_confirm(connection: Connection, corp_id: str) -> list[dict[str, Any]]:
    """What waits to be confirmed in WeCom: messages that staff have as a task there, by who and what for."""
    asked = (
        sa.select(
            proposals.c.sender, proposals.c.campaign_id, proposals.c.channel, campaigns.c.name, campaigns.c.kind,
            sa.func.count().label("recipients"), sa.func.min(proposals.c.moved_us).label("since_us"),
        )
        .outerjoin(campaigns, sa.and_(
            campaigns.c.corp_id == proposals.c.corp_id, campaigns.c.campaign_id == proposals.c.campaign_id
        ))
        .where(proposals.c.corp_id == corp_id, proposals.c.state == "tasked")
        .group_by(
            proposals.c.sender, proposals.c.campaign_id, proposals.c.channel, campaigns.c.name, campaigns.c.kind
        )
        .order_by(sa.func.min(proposals.c.moved_us))
        .limit(200)
    )  # fmt: skip
    return [dict(row._mapping) for row in connection.execute(asked)]
