"""等到合适的时段: stay until it is within some hours on an allowed weekday, by the company's clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from tiefen.act.journeys import localtime
from tiefen.act.journeys.happening import Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import Crowd, Step, Taken

_DAYS = (("一", "Mon"), ("二", "Tue"), ("三", "Wed"), ("四", "Thu"), ("五", "Fri"), ("六", "Sat"), ("日", "Sun"))


class WaitUntilTime(Step, frozen=True, kw_only=True, tag="wait_until_time"):
    """Stay until the hours begin; whoever comes within them goes on at once."""

    title: ClassVar[Sentence] = ("等到合适的时段", "Wait for the right hours")
    icon: ClassVar[str] = "schedule"
    rests: ClassVar[bool] = True

    start: str = "09:00"
    end: str = "20:00"
    weekdays: tuple[int, ...] = localtime.ALL_DAYS
    """1 is Monday."""

    def said(self) -> Sentence:
        if set(self.weekdays) >= set(localtime.ALL_DAYS):
            zh, en = "", ""
        else:
            zh = "周" + "、".join(_DAYS[day - 1][0] for day in self.weekdays if 1 <= day <= 7) + " "
            en = " on " + ", ".join(_DAYS[day - 1][1] for day in self.weekdays if 1 <= day <= 7)
        return f"等到{zh}{self.start}–{self.end}", f"Wait until {self.start}–{self.end}{en}"

    def wrong(self) -> Iterator[Sentence]:
        if not localtime.is_time(self.start) or not localtime.is_time(self.end):
            yield "时间要写成 HH:MM", "A time is written HH:MM"
        elif self.start >= self.end:
            yield "开始时间要早于结束时间", "The hours must begin before they end"
        if not self.weekdays or not set(self.weekdays) <= set(localtime.ALL_DAYS):
            yield "至少选一个星期几", "At least one weekday must be allowed"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        due = localtime.next_window(scene.now_us, self.start, self.end, self.weekdays, scene.time_zone)
        return Taken.until(np.full(len(crowd.person), due, dtype=np.int64), scene.now_us)
