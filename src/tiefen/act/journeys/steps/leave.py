"""离开: the journey ends here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Self

from tiefen.act.journeys.happening import Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import Crowd, Step, Taken


class Leave(Step, frozen=True, kw_only=True, tag="leave"):
    """Nothing comes after it."""

    title: ClassVar[Sentence] = ("离开旅程", "Leave")
    icon: ClassVar[str] = "logout"

    def ways(self) -> Mapping[str, str | None]:
        return {"left": None}

    def rewired(self, to: Mapping[str, str | None]) -> Self:  # noqa: ARG002
        return self

    def said(self) -> Sentence:
        return "离开旅程", "Leave the journey"

    def wrong(self) -> Iterator[Sentence]:
        if self.next is not None:
            yield "离开之后不能再有步骤", "Nothing can come after leaving"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:  # noqa: ARG002
        return Taken.all(crowd, "left")
