"""首次 — did something for the first time within the last days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import Calling, Predicate, Sentence, Span, days_said
from tiefen.insight.expressions import ir
from tiefen.kit.clock import DAY_US

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene


class FirstDid(Predicate, frozen=True, kw_only=True, tag="first_did"):
    """The first time of an act is less than `days` days ago."""

    title = ("首次做某事", "Did something for the first time")

    act: acts.ActField
    days: acts.Days

    def wrong(self) -> str | None:
        return acts.act_wrong(self.act)

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        for done in one.did(self.act)[:1]:
            yield Span(done.us, done.us + self.days * DAY_US)

    def where(self, scene: Scene) -> ir.Table:
        rows = acts.happenings(scene, self.act)
        first = rows.group_by("person").agg(starts=rows.us.min())
        return first.select("person", "starts", ends=first.starts + self.days * DAY_US)

    def said(self, called: Calling) -> Sentence:
        (zh, en), (days, in_days) = acts.act_said(self.act, called), days_said(self.days)
        return f"近 {days}内首次{zh}", f"{en} for the first time in the last {in_days}"

    def reacts_to(self) -> Collection[str]:
        return acts.act_kinds(self.act)

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return acts.evidence_of(one.did(self.act)[:1])
