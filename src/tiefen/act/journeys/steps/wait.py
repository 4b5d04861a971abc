"""等待: stay for a length of time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from tiefen.act.journeys.happening import Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import MINUTE_US, Crowd, Step, Taken, length_said, length_wrong


class Wait(Step, frozen=True, kw_only=True, tag="wait"):
    """Stay for so many minutes, counted from when they came to the step."""

    title: ClassVar[Sentence] = ("等待一段时间", "Wait")
    icon: ClassVar[str] = "clock"
    breaks_loops: ClassVar[bool] = True
    rests: ClassVar[bool] = True

    minutes: int

    def said(self) -> Sentence:
        zh, en = length_said(self.minutes) if self.minutes > 0 else ("?", "?")
        return f"等 {zh}", f"Wait {en}"

    def wrong(self) -> Iterator[Sentence]:
        return length_wrong(self.minutes)

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        return Taken.until(crowd.since_us + self.minutes * MINUTE_US, scene.now_us)
