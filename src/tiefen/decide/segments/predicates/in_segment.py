"""属于分群 — is in another segment. Before it is asked, its place is taken by that segment's rule."""

from __future__ import annotations

from typing import Annotated

from tiefen.decide.segments.predicates.base import Calling, Predicate, Sentence, shown


class InSegment(Predicate, frozen=True, kw_only=True, tag="in_segment"):
    """Is in another segment."""

    title = ("属于另一分群", "Is in another segment")

    segment: Annotated[str, shown("segment", "分群", "segment", min_length=1, max_length=80)]

    def said(self, called: Calling) -> Sentence:
        name = called("segment", self.segment)
        return f"属于分群“{name}”", f"is in the segment “{name}”"
