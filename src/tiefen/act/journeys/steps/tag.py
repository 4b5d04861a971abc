"""打标签: put a tag on them, or take it off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from tiefen.act.journeys.happening import Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import Crowd, Step, Taken


class PutTag(Step, frozen=True, kw_only=True, tag="tag"):
    """Known here at once; at WeCom as soon as its limits let it."""

    title: ClassVar[Sentence] = ("打标签", "Tag")
    icon: ClassVar[str] = "tag"

    tag: str
    off: bool = False

    def said(self) -> Sentence:
        return (
            f"{'去掉' if self.off else '打上'}标签“{self.tag}”",
            f"{'Take off' if self.off else 'Put'} the tag {self.tag}",
        )

    def wrong(self) -> Iterator[Sentence]:
        if not 1 <= len(self.tag.strip()) <= 30:
            yield "标签名要有 1–30 个字", "A tag has 1–30 characters"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        scene.order("tag", self.id, crowd, {"tag": self.tag.strip(), "off": self.off})
        return Taken.all(crowd)
