"""先后 — did one thing and then another within so many days of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import NEVER, Calling, Predicate, Sentence, Span, days_said, shown
from tiefen.insight.expressions import ibis, ir
from tiefen.kit.clock import DAY_US

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Done, Seen
    from tiefen.decide.segments.scene import Scene


class Sequence(Predicate, frozen=True, kw_only=True, tag="sequence"):
    """`act` and later `then`, not at the same instant, at most `within` days apart; with `days`, `then` within the last so many."""

    title = ("先做一事再做一事", "Did one thing, then another")

    act: acts.ActField
    then: acts.ActField
    within: Annotated[int, shown("days", "间隔天数", "days between", ge=1, le=3_650)]
    days: acts.Days | None = None

    def wrong(self) -> str | None:
        return acts.act_wrong(self.act) or acts.act_wrong(self.then)

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        for _, later in self._pairs(one):
            yield Span(later.us, NEVER if self.days is None else later.us + self.days * DAY_US)

    def _pairs(self, one: Seen) -> list[tuple[Done, Done]]:
        """Every `then` with the last `act` before it, where that is near enough."""
        firsts, found = one.did(self.act), []
        for later in one.did(self.then):
            before = [first for first in firsts if first.us < later.us]
            if before and later.us - before[-1].us <= self.within * DAY_US:
                found.append((before[-1], later))
        return found

    def where(self, scene: Scene) -> ir.Table:
        reach = None if self.days is None else self.days + self.within
        first = acts.happenings(scene, self.act, reach)
        later = acts.happenings(scene, self.then, self.days)
        nothing = ibis.null("int64")
        line = first.select("person", "us", first=first.us, is_first=ibis.literal(1, "int64")).union(
            later.select("person", "us", first=nothing, is_first=ibis.literal(0, "int64"))
        )
        # At one instant what comes second is put first, so that only what came before it is seen.
        before = ibis.window(group_by="person", order_by=[line.us, line.is_first], preceding=None, following=0)
        line = line.mutate(near=line.first.max().over(before))
        line = line.filter(line.is_first == 0, line.near.notnull())
        line = line.filter(line.us - line.near <= self.within * DAY_US)
        ends = ibis.literal(NEVER, "int64") if self.days is None else line.us + self.days * DAY_US
        return line.select("person", starts=line.us, ends=ends)

    def said(self, called: Calling) -> Sentence:
        (a_zh, a_en), (b_zh, b_en) = acts.act_said(self.act, called), acts.act_said(self.then, called)
        apart, in_days = days_said(self.within)
        since = (
            (f"近 {days_said(self.days)[0]}内", f", in the last {days_said(self.days)[1]}") if self.days else ("", "")
        )
        return f"{since[0]}{a_zh}后 {apart}内{b_zh}", f"{a_en} and within {in_days} {b_en}{since[1]}"

    def reacts_to(self) -> Collection[str]:
        return (*acts.act_kinds(self.act), *acts.act_kinds(self.then))

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return acts.evidence_of([done for pair in self._pairs(one)[-3:] for done in pair])
