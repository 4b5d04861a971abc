"""属于人群包 — is on a frozen list."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any

from tiefen.decide.segments.predicates.base import FALSE, TRUE, Calling, Predicate, Sentence, Span, of_all_time, shown
from tiefen.decide.segments.scene import name_for
from tiefen.insight.expressions import ir

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene


class InAudience(Predicate, frozen=True, kw_only=True, tag="in_audience"):
    """Is on a frozen list of people."""

    title = ("属于人群包", "Is in an audience")

    audience: Annotated[str, shown("audience", "人群包", "audience", min_length=1, max_length=80)]

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        return TRUE if self.audience in one.audiences else FALSE

    def where(self, scene: Scene) -> ir.Table:
        members = scene.given(f"rule_audience_{name_for(self.audience)}", scene.known.audiences[self.audience])
        return of_all_time(members)

    def said(self, called: Calling) -> Sentence:
        name = called("audience", self.audience)
        return f"在人群包“{name}”里", f"is in the audience “{name}”"

    def needs(self) -> Collection[str]:
        return (f"audience:{self.audience}",)

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return [{"audience": self.audience}] if self.audience in one.audiences else []
