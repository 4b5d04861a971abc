"""The rows of what was handed to WeCom: what was tasked, for whom, and when to look next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from tiefen.kit.ids import new_id
from tiefen.kit.slices import slices
from tiefen.ledger.ledger import Ledger
from tiefen.ledger.schema import channel_recipients, channel_tasks
from tiefen.wecom.channel.errors import AlreadyTasked, TaskNotFound
from tiefen.wecom.channel.touches import ENDED, Recipient

_B = TypeVar("_B", bound=msgspec.Struct)
_LEASE_US = 10 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Task:
    """One thing asked of WeCom. `outer_id` is WeCom's name for it once there is one."""

    task_id: str
    kind: str
    state: str
    outer_id: str
    body: str
    asked_us: int
    ends_us: int
    next_look_us: int | None
    looks: int
    error: str | None

    def told(self, kind: type[_B]) -> _B:
        """The body as its type."""
        return msgspec.json.decode(self.body, type=kind)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recipient whose touch has not come to its end."""

    touch: str
    to: str
    campaign: str | None
    state: str


class Tasks:
    """The tasks of one corp."""

    def __init__(self, ledger: Ledger, corp_id: str) -> None:
        self._ledger, self._corp_id = ledger, corp_id

    # ---- beginning ----

    def begin(
        self, kind: str, body: msgspec.Struct, recipients: Sequence[Recipient], now_us: int, *, look_us: int | None,
        ends_us: int, outer_id: str = "", state: str = "asking",
    ) -> str:  # fmt: skip
        """Write down what is about to be asked; `AlreadyTasked` where a touch was handed over before."""
        task_id = new_id()
        with self._ledger.write() as connection:
            known = 0
            touches = [recipient.touch for recipient in recipients]
            for some in slices(touches):
                asked = sa.select(sa.func.count()).where(
                    channel_recipients.c.corp_id == self._corp_id, channel_recipients.c.touch.in_(some)
                )
                known += connection.execute(asked).scalar_one()
            if known or len(set(touches)) < len(touches):
                raise AlreadyTasked(known or len(touches) - len(set(touches)))
            connection.execute(
                sa.insert(channel_tasks).values(
                    task_id=task_id, corp_id=self._corp_id, kind=kind, state=state, outer_id=outer_id,
                    body=msgspec.json.encode(body).decode(), asked_us=now_us, ends_us=ends_us, next_look_us=look_us,
                )
            )  # fmt: skip
            rows = [
                {
                    "corp_id": self._corp_id, "touch": one.touch, "task_id": task_id, "recipient": one.to,
                    "campaign": one.campaign, "state": "asking", "moved_us": now_us,
                }
                for one in recipients
            ]  # fmt: skip
            if rows:
                connection.execute(sa.insert(channel_recipients), rows)
        return task_id

    def drop(self, task_id: str) -> None:
        """Forget a task that was certainly not made: its touches may be handed over again."""
        with self._ledger.write() as connection:
            connection.execute(sa.delete(channel_recipients).where(channel_recipients.c.task_id == task_id))
            connection.execute(sa.delete(channel_tasks).where(channel_tasks.c.task_id == task_id))

    # ---- going on ----

    def keep(self, task_id: str, body: msgspec.Struct | None = None, **changed: Any) -> None:
        """Change what is noted about a task."""
        if body is not None:
            changed["body"] = msgspec.json.encode(body).decode()
        with self._ledger.write() as connection:
            connection.execute(sa.update(channel_tasks).where(channel_tasks.c.task_id == task_id).values(**changed))

    def moved(self, states: Iterable[tuple[str, str]], now_us: int) -> None:
        """Note the states touches came to."""
        rows = [{"t": touch, "s": state} for touch, state in states]
        if not rows:
            return
        change = (
            sa.update(channel_recipients)
            .where(channel_recipients.c.corp_id == self._corp_id, channel_recipients.c.touch == sa.bindparam("t"))
            .values(state=sa.bindparam("s"), moved_us=now_us)
        )
        with self._ledger.write() as connection:
            connection.execute(change, rows)

    def finish(self, task_id: str, state: str, *, keep_recipients: bool = False) -> None:
        """The task has come to its end; whom it was for is known by the facts from now on."""
        with self._ledger.write() as connection:
            connection.execute(
                sa.update(channel_tasks)
                .where(channel_tasks.c.task_id == task_id)
                .values(state=state, next_look_us=None)
            )
            if not keep_recipients:
                connection.execute(sa.delete(channel_recipients).where(channel_recipients.c.task_id == task_id))

    # ---- looking ----

    def claim(self, now_us: int) -> Task | None:
        """A task that is due, for this caller alone: nobody else gets it within ten minutes."""
        due = (
            sa.select(channel_tasks)
            .where(channel_tasks.c.corp_id == self._corp_id, channel_tasks.c.next_look_us <= now_us)
            .order_by(channel_tasks.c.next_look_us)
            .limit(1)
        )
        with self._ledger.read() as connection:
            if connection.execute(due).first() is None:
                return None
        with self._ledger.write() as connection:
            row = connection.execute(due).first()
            if row is None:
                return None
            taken = connection.execute(
                sa.update(channel_tasks)
                .where(channel_tasks.c.task_id == row.task_id, channel_tasks.c.next_look_us == row.next_look_us)
                .values(next_look_us=now_us + _LEASE_US, looks=channel_tasks.c.looks + 1)
            )
            return _task(row) if taken.rowcount else None

    def get(self, task_id: str) -> Task:
        """A task by its id."""
        asked = sa.select(channel_tasks).where(
            channel_tasks.c.corp_id == self._corp_id, channel_tasks.c.task_id == task_id
        )
        with self._ledger.read() as connection:
            row = connection.execute(asked).first()
        if row is None:
            raise TaskNotFound(task_id)
        return _task(row)

    def of_kind(self, *kinds: str, state: str | None = None) -> list[Task]:
        asked = sa.select(channel_tasks).where(
            channel_tasks.c.corp_id == self._corp_id, channel_tasks.c.kind.in_(kinds)
        )
        if state is not None:
            asked = asked.where(channel_tasks.c.state == state)
        with self._ledger.read() as connection:
            return [_task(row) for row in connection.execute(asked.order_by(channel_tasks.c.asked_us))]

    def waiting(self, task_id: str) -> list[Waiting]:
        """Recipients whose touches have not come to their end; `REDACTED` stands for those erased meanwhile."""
        asked = sa.select(channel_recipients).where(
            channel_recipients.c.task_id == task_id, channel_recipients.c.state.not_in(ENDED)
        )
        with self._ledger.read() as connection:
            rows = connection.execute(asked.order_by(channel_recipients.c.touch)).all()
        return [Waiting(row.touch, row.recipient, row.campaign, row.state) for row in rows]

    def outer_ids(self, kinds: Sequence[str]) -> set[str]:
        """WeCom's names of all tasks of these kinds."""
        return {task.outer_id for task in self.of_kind(*kinds) if task.outer_id}

    def times_in(self, kind: str, recipients: Sequence[str], since_us: int) -> dict[str, int]:
        """How often each recipient was part of a task of this kind since then, unless it failed."""
        counted: dict[str, int] = {}
        with self._ledger.read() as connection:
            for some in slices(recipients):
                asked = (
                    sa.select(channel_recipients.c.recipient, sa.func.count().label("times"))
                    .join(channel_tasks, channel_tasks.c.task_id == channel_recipients.c.task_id)
                    .where(
                        channel_recipients.c.corp_id == self._corp_id, channel_tasks.c.kind == kind,
                        channel_tasks.c.asked_us >= since_us, channel_recipients.c.recipient.in_(some),
                        channel_recipients.c.state != "failed",
                    )
                    .group_by(channel_recipients.c.recipient)
                )  # fmt: skip
                counted |= {row.recipient: row.times for row in connection.execute(asked)}
        return counted

    def prune(self, kind: str, before_us: int) -> None:
        """Forget whom finished tasks of a kind asked for before then were for."""
        old = sa.select(channel_tasks.c.task_id).where(
            channel_tasks.c.corp_id == self._corp_id, channel_tasks.c.kind == kind,
            channel_tasks.c.asked_us < before_us, channel_tasks.c.next_look_us.is_(None),
        )  # fmt: skip
        with self._ledger.write() as connection:
            connection.execute(sa.delete(channel_recipients).where(channel_recipients.c.task_id.in_(old)))


def _task(row: Any) -> Task:
    return Task(
        row.task_id, row.kind, row.state, row.outer_id, row.body, row.asked_us, row.ends_us, row.next_look_us,
        row.looks, row.error,
    )  # fmt: skip
