"""给员工派任务: somebody of staff is asked to do something for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from tiefen.act.journeys.happening import Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import Crowd, Step, Taken


class AskStaff(Step, frozen=True, kw_only=True, tag="task"):
    """A task in somebody's inbox; people go on without waiting for it to be done."""

    title: ClassVar[Sentence] = ("给员工派任务", "Task for staff")
    icon: ClassVar[str] = "todo"

    what: str
    how: str = ""
    """What may help: words to use, things to look at."""
    staff: str | None = None
    """A `userid`; None leaves it to whoever knows them best."""
    due_hours: int = 24

    def said(self) -> Sentence:
        return f"给员工派任务：{self.what}", f"Ask staff: {self.what}"

    def wrong(self) -> Iterator[Sentence]:
        if not 1 <= len(self.what.strip()) <= 200:
            yield "任务要写清做什么（1–200 字）", "A task says what to do in 1–200 characters"
        if len(self.how) > 2_000:
            yield "说明最多 2000 字", "The hints have at most 2,000 characters"
        if not 1 <= self.due_hours <= 24 * 90:
            yield "期限要在 1 小时到 90 天之间", "It must be due within 1 hour to 90 days"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        body = {"what": self.what, "how": self.how, "staff": self.staff, "due_hours": self.due_hours}
        scene.order("task", self.id, crowd, body)
        return Taken.all(crowd)
