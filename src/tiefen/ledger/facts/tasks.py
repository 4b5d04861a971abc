"""The life of a task of a member of staff."""

from tiefen.ledger.facts.base import Fact, GroupRef, PersonRef

TASK_STATES = ("opened", "late", "done", "skipped")


class TaskMoved(Fact, frozen=True, kw_only=True, gc=False):
    """A task of a member of staff reached a state of its life."""

    kind = "task.moved"
    title = ("任务", "Task")
    own = True

    task: str
    state: str
    """One of `TASK_STATES`."""
    task_kind: str = ""
    """marketing, sales or service."""
    staff: PersonRef | None = None
    """Whose it is; None where it is nobody's yet."""
    person: PersonRef | None = None
    group: GroupRef | None = None
    """Whom and what it is about."""
    campaign: str | None = None
    step: str = ""
    reason: str | None = None
