"""做过，金额 — what an act was worth together: ever or within the last days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import ALWAYS, NEVER, Calling, Predicate, Sentence, Span, days_said, shown
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.timeline import yuan
from tiefen.kit.clock import DAY_US

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene

_WORTH = ("order.paid", "order.placed", "order.refunded", "event.tracked")


class DidMoney(Predicate, frozen=True, kw_only=True, tag="did_money"):
    """An act that was worth at least `fen` altogether. Amounts below zero count as nothing; refunds are an act of their own."""

    title = ("某事的金额", "What something was worth")

    act: acts.ActField = "order.paid"
    fen: Annotated[int, shown("money", "金额", "amount", ge=1, le=10**15)]
    days: acts.Days | None = None

    def wrong(self) -> str | None:
        if why := acts.act_wrong(self.act):
            return why
        return None if self.act.partition(";")[0] in _WORTH else f"{self.act} is worth no money"

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        together = 0
        for done in reversed(acts.within(one.did(self.act), self.days, now_us)):
            if done.us > now_us:
                yield Span(done.us, NEVER)
                continue
            together += max(done.fen, 0)
            if together >= self.fen:
                yield Span(ALWAYS, NEVER if self.days is None else done.us + self.days * DAY_US)
                return

    def where(self, scene: Scene) -> ir.Table:
        rows = acts.happenings(scene, self.act, self.days).mutate(fen=lambda r: ibis.greatest(r.fen, 0))
        never, always = ibis.literal(NEVER, "int64"), ibis.literal(ALWAYS, "int64")
        coming = rows.filter(rows.us > scene.now).select("person", starts=rows.us, ends=never)
        past = rows.filter(rows.us <= scene.now)
        if self.days is None:
            whole = past.group_by("person").agg(fen=past.fen.sum())
            reached = whole.filter(whole.fen >= self.fen).select("person", starts=always, ends=never)
        else:
            newer = ibis.window(
                group_by="person", order_by=[past.us.desc(), past.seq.desc()], preceding=None, following=0
            )
            past = past.mutate(together=past.fen.sum().over(newer))
            reached = past.filter(past.together >= self.fen).select(
                "person", starts=always, ends=past.us + self.days * DAY_US
            )
        return reached.union(coming)

    def said(self, called: Calling) -> Sentence:
        zh, en = acts.act_said(self.act, called)
        since = (
            (f"近 {days_said(self.days)[0]}内", f" in the last {days_said(self.days)[1]}") if self.days else ("", "")
        )
        return f"{since[0]}{zh}金额合计 ≥ {yuan(self.fen)} 元", f"{en} worth ≥ {yuan(self.fen)} altogether{since[1]}"

    def reacts_to(self) -> Collection[str]:
        return acts.act_kinds(self.act)

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return acts.evidence_of(acts.within(one.did(self.act), self.days, now_us))
