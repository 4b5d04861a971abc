"""任务 — what a member of staff is to do, and what can be wrong with asking for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tiefen.act.message import Message
from tiefen.kit.errors import TiefenError

Kind = Literal["marketing", "sales", "service"]
"""Which plane it belongs to; one inbox is over all three."""
KINDS: tuple[tuple[Kind, str, str], ...] = (
    ("marketing", "运营", "Marketing"),
    ("sales", "销售", "Sales"),
    ("service", "服务", "Service"),
)
WAITING = ("opened", "late")
"""The states in which a task waits to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something for a member of staff to do. Its id says what it is for, so that to add it again changes nothing.

    Nobody is named in its words: whom and what it is about is in `person` and `group`.
    """

    task_id: str
    kind: Kind
    title: str
    detail: str = ""
    say: Message | None = None
    """The words (and things attached) to be said, where it is about saying something."""
    role: str = ""
    """The persona in which it is to be done; see `tiefen.act.playbooks.personas`."""
    staff: str | None = None
    """The `userid` of who is to do it; None leaves it to the owner of the group, and without one to nobody yet."""
    person: int | None = None
    group: int | None = None
    campaign_id: str | None = None
    step: str = ""
    due_us: int
    expires_us: int
    """When there is no point in it any more, and it is skipped."""


@dataclass(eq=False)
class TaskNotFound(TiefenError):
    status = 404
    says = "There is no task {task_id}."

    task_id: str


@dataclass(eq=False)
class TaskClosed(TiefenError):
    status = 409
    says = "The task {task_id} is {state} already."

    task_id: str
    state: str


@dataclass(eq=False)
class StaffNotHere(TiefenError):
    status = 409
    says = "{staff} does not work here (any more)."

    staff: str


@dataclass(eq=False)
class BadSnooze(TiefenError):
    says = "A task can be put off to a later time only, and to 90 days from now at most."
