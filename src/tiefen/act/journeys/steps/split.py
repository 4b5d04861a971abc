"""随机分流: ways by chance, the same for the same person every time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Self

import msgspec
import numpy as np

from tiefen.act.journeys.happening import Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import Crowd, Step, Taken
from tiefen.kit.chance import shares


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way and how many of a hundred go it."""

    name: str
    share: int
    next: str | None = None


class Split(Step, frozen=True, kw_only=True, tag="split"):
    """Shares in percent that add up to a hundred."""

    title: ClassVar[Sentence] = ("随机分流", "Random split")
    icon: ClassVar[str] = "split"

    arms: tuple[Way, ...]

    def ways(self) -> Mapping[str, str | None]:
        return {arm.name: arm.next for arm in self.arms}

    def rewired(self, to: Mapping[str, str | None]) -> Self:
        return msgspec.structs.replace(
            self, arms=tuple(msgspec.structs.replace(arm, next=to.get(arm.name, arm.next)) for arm in self.arms)
        )

    def said(self) -> Sentence:
        of = " / ".join(f"{arm.name} {arm.share}%" for arm in self.arms)
        return f"随机分流：{of}", f"Split by chance: {of}"

    def wrong(self) -> Iterator[Sentence]:
        if not 2 <= len(self.arms) <= 10 or len({arm.name for arm in self.arms}) < len(self.arms):
            yield "要有 2–10 条名字不同的路", "There must be 2–10 ways with different names"
        if sum(arm.share for arm in self.arms) != 100 or any(arm.share < 1 for arm in self.arms):
            yield "各路的比例加起来要是 100", "The shares must add up to 100"
        if any(not arm.name or ":" in arm.name for arm in self.arms):
            yield "每条路要有名字，名字里不能有冒号", "Every way needs a name without a colon"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        bounds = np.cumsum([arm.share for arm in self.arms]) / 100
        chosen = np.searchsorted(bounds, shares(f"{scene.journey_id}:{self.id}", crowd.person), side="right")
        return Taken({arm.name: chosen == n for n, arm in enumerate(self.arms)})
