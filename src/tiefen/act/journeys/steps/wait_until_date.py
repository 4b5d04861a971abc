"""等到某一天: stay until a day, at a time of day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

import numpy as np

from tiefen.act.journeys import localtime
from tiefen.act.journeys.happening import Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import Crowd, Step, Taken


class WaitUntilDate(Step, frozen=True, kw_only=True, tag="wait_until_date"):
    """Stay until that day and time; whoever comes later goes on at once."""

    title: ClassVar[Sentence] = ("等到某一天", "Wait for a date")
    icon: ClassVar[str] = "calendar"
    rests: ClassVar[bool] = True

    day: str
    at: str = "10:00"

    def said(self) -> Sentence:
        return f"等到 {self.day} {self.at}", f"Wait until {self.day} {self.at}"

    def wrong(self) -> Iterator[Sentence]:
        try:
            day = date.fromisoformat(self.day)
            if not 2000 <= day.year <= 2199:
                yield "日期不合理", "The date is not possible"
        except ValueError:
            yield "日期要写成 YYYY-MM-DD", "A date is written YYYY-MM-DD"
        if not localtime.is_time(self.at):
            yield "时间要写成 HH:MM", "A time is written HH:MM"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        due = localtime.on(date.fromisoformat(self.day), self.at, scene.time_zone)
        return Taken.until(np.full(len(crowd.person), due, dtype=np.int64), scene.now_us)
