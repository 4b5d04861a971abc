"""送积分 (give points): a fact for each, and the brand's own system of points is told where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from tiefen.act.journeys.happening import Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import Crowd, Step, Taken


class GivePoints(Step, frozen=True, kw_only=True, tag="points"):
    """Theirs at once, each time they come by, and told to the brand's own system of points where its address is set."""

    title: ClassVar[Sentence] = ("送积分", "Give points")
    icon: ClassVar[str] = "gift"

    points: int
    because: str = ""

    def said(self) -> Sentence:
        return f"送 {self.points} 积分", f"Give {self.points} points"

    def wrong(self) -> Iterator[Sentence]:
        if not 1 <= self.points <= 1_000_000:
            yield "积分要在 1 到 100 万之间", "Points must be between 1 and 1,000,000"
        if len(self.because) > 200:
            yield "事由最多 200 字", "The reason has at most 200 characters"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        scene.order("points", self.id, crowd, {"points": self.points, "because": self.because})
        return Taken.all(crowd)
