"""分支: one way for those of whom something is true now, another for the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from tiefen.act.journeys.happening import Op, Sentence
from tiefen.act.journeys.scene import Scene
from tiefen.act.journeys.steps.base import Crowd, Forked, Taken

_OPS: dict[str, Sentence] = {
    "is": ("是", "is"), "is_not": ("不是", "is not"), "at_least": ("至少", "is at least"),
    "at_most": ("至多", "is at most"), "contains": ("包含", "contains"), "known": ("有值", "is known"),
}  # fmt: skip


class BranchBySegment(Forked, frozen=True, kw_only=True, tag="branch_by_segment"):
    """Whether somebody is in a segment when they come here."""

    title: ClassVar[Sentence] = ("按分群分支", "Branch by segment")
    icon: ClassVar[str] = "branch"

    segment: str

    def said(self) -> Sentence:
        return f"在分群“{self.segment}”里吗？", f"In segment {self.segment}?"

    def wrong(self) -> Iterator[Sentence]:
        if not self.segment:
            yield "没有选分群", "No segment is chosen"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        return Taken.by(scene.in_segment(self.segment, crowd.person))


class BranchByCondition(Forked, frozen=True, kw_only=True, tag="branch_by_condition"):
    """Whether something known of somebody is so: an attribute, a tag, being a contact, or what became of the last message."""

    title: ClassVar[Sentence] = ("按条件分支", "Branch by condition")
    icon: ClassVar[str] = "question"

    of: Literal["attribute", "tag", "contact", "goal"]
    """attribute: of their profile; tag: they carry it; contact: of any member of staff; goal: they reached it in this journey."""
    key: str = ""
    """The attribute or the tag."""
    op: Op = "is"
    value: str | int | float | bool | None = None

    def said(self) -> Sentence:
        match self.of:
            case "attribute":
                value = "" if self.value is None else str(self.value)
                zh, en = _OPS[self.op]
                return f"“{self.key}”{zh} {value}？".replace(" ？", "？"), f"{self.key} {en} {value}?".replace(
                    " ?", "?"
                )
            case "tag":
                return f"有标签“{self.key}”吗？", f"Tagged {self.key}?"
            case "contact":
                return "是员工的好友吗？", "Is a contact of staff?"
            case "goal":
                return "达成目标了吗？", "Reached the goal?"

    def wrong(self) -> Iterator[Sentence]:
        if self.of in ("attribute", "tag") and not self.key:
            yield "没有写属性或标签的名字", "The attribute or tag is not named"
        if self.of == "attribute" and self.op != "known" and self.value is None:
            yield "没有写比较的值", "There is nothing to compare with"
        if (
            self.of == "attribute"
            and self.op in ("at_least", "at_most")
            and (isinstance(self.value, bool) or not isinstance(self.value, int | float))
        ):
            yield "要和数字比较", "It can be compared with a number only"

    def take(self, scene: Scene, crowd: Crowd) -> Taken:
        match self.of:
            case "attribute":
                return Taken.by(scene.attribute(self.key, self.op, self.value, crowd.person))
            case "tag":
                return Taken.by(scene.tagged(self.key, crowd.person))
            case "contact":
                return Taken.by(scene.contacts(crowd.person))
            case "goal":
                return Taken.by(scene.reached_goal(crowd.person, crowd.entry))
