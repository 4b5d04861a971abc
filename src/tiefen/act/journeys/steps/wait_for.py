"""等某件事发生: stay until somebody does something or comes into a segment, or a time has passed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from tiefen.act.journeys.happening import Happening, Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import MINUTE_US, NEVER, Crowd, Forked, Taken, length_said, length_wrong


class WaitFor(Forked, frozen=True, kw_only=True, tag="wait_for"):
    """Two ways out: it happened, or it did not in time. Without a time, whoever never does it stays. Who is in the segment
    already goes on at once."""

    title: ClassVar[Sentence] = ("等某件事发生", "Wait for something")
    icon: ClassVar[str] = "bell"
    rests: ClassVar[bool] = True
    names: ClassVar[tuple[str, str]] = ("happened", "timeout")

    happening: Happening | None = None
    segment: str | None = None
    minutes: int | None = None

    def said(self) -> Sentence:
        zh, en = (
            self.happening.said() if self.happening else (f"进入分群“{self.segment}”", f"in segment {self.segment}")
        )
        if self.minutes is None or self.minutes < 1:
            return f"等“{zh}”", f"Wait for: {en}"
        long_zh, long_en = length_said(self.minutes)
        return f"等“{zh}”，最多 {long_zh}", f"Wait for: {en}, at most {long_en}"

    def wrong(self) -> Iterator[Sentence]:
        if (self.happening is None) == (self.segment is None):
            yield "要等的事件和分群选一个", "Either an event or a segment is waited for"
        if self.happening is not None:
            yield from self.happening.wrong()
        if self.minutes is not None:
            yield from length_wrong(self.minutes)

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        happened = crowd.happened
        if self.segment is not None:
            happened = happened | scene.in_segment(self.segment, crowd.person)
        if self.minutes is None:
            return Taken({"happened": happened}, np.full(len(crowd.person), NEVER, dtype=np.int64))
        due = crowd.since_us + self.minutes * MINUTE_US
        return Taken({"happened": happened, "timeout": ~happened & (due <= scene.now_us)}, due)
