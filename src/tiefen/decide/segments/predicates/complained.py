"""抱怨过 — said something in a group that is a complaint, as of the reading."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any

from tiefen.decide.segments.predicates.base import Calling, Predicate, Sentence, Span, days_said, shown
from tiefen.insight.expressions import ir
from tiefen.kit.clock import DAY_US, from_us

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene


class Complained(Predicate, frozen=True, kw_only=True, tag="complained"):
    """Said something that is a complaint (as an operator marked it, or else by its words) within the last `days` days. Of what was
    said since the reading nothing is known, nor of what was said before the window of the reading and the one before that."""

    title = ("抱怨过", "Complained")

    days: Annotated[int, shown("days", "天数", "days", ge=1, le=60)] = 14

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        for us, _ in one.complaints:
            yield Span(us, us + self.days * DAY_US)

    def where(self, scene: Scene) -> ir.Table:
        if scene.known.complaints is None:
            return scene.nobody()
        rows = scene.given("rule_complaints", scene.known.complaints)
        return rows.select("person", starts=rows.happened_us, ends=rows.happened_us + self.days * DAY_US)

    def said(self, called: Calling) -> Sentence:
        zh, en = days_said(self.days)
        return f"近 {zh}内抱怨过", f"complained in the last {en}"

    def needs(self) -> Collection[str]:
        return ("complaints",)

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        lately = [(us, seq) for us, seq in one.complaints if us <= now_us < us + self.days * DAY_US]
        return [
            {"fact": "message.posted", "at": from_us(us), "seq": seq, "body": {}}
            for us, seq in sorted(lately, reverse=True)[:10]
        ]
