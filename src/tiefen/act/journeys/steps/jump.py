"""跳回: go back to an earlier step, so many times at most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Self

import msgspec

from tiefen.act.journeys.happening import Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import Crowd, Step, Taken

MOST_LAPS = 100


class Jump(Step, frozen=True, kw_only=True, tag="jump"):
    """A loop must pass a wait of some length, so that time passes in it."""

    title: ClassVar[Sentence] = ("跳回", "Jump back")
    icon: ClassVar[str] = "redo"

    to: str
    times: int = 1

    def ways(self) -> Mapping[str, str | None]:
        return {"again": self.to, "enough": self.next}

    def rewired(self, to: Mapping[str, str | None]) -> Self:
        again = to.get("again", self.to)
        return msgspec.structs.replace(
            self, to=again if again is not None else self.to, next=to.get("enough", self.next)
        )

    def said(self) -> Sentence:
        return f"跳回“{self.to}”，最多 {self.times} 次", f"Jump back to {self.to}, at most {self.times} times"

    def wrong(self) -> Iterator[Sentence]:
        if not 1 <= self.times <= MOST_LAPS:
            yield f"次数要在 1 到 {MOST_LAPS} 之间", f"It can go back 1 to {MOST_LAPS} times"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:  # noqa: ARG002
        return Taken.by((crowd.turns < self.times) & (crowd.lap < MOST_LAPS), "again", "enough")
