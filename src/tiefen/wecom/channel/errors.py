"""What the channel refuses."""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.kit.errors import TiefenError


@dataclass(eq=False)
class AlreadyTasked(TiefenError):
    """The same touch was handed over before."""

    status = 409
    says = "{touches} of these messages were handed to WeCom already."

    touches: int


@dataclass(eq=False)
class TaskNotFound(TiefenError):
    status = 404
    says = "There is no task {task_id} at WeCom."

    task_id: str
