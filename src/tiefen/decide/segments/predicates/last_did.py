"""上次距今 — did something, and the last time is at least so many days ago."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import NEVER, Calling, Predicate, Sentence, Span, days_said
from tiefen.insight.expressions import ibis, ir
from tiefen.kit.clock import DAY_US

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene


class LastDid(Predicate, frozen=True, kw_only=True, tag="last_did"):
    """Was done at some time, and not again for `days` days. Who never did it is not meant."""

    title = ("很久没再做某事", "Has not done something again")

    act: acts.ActField
    days: acts.Days

    def wrong(self) -> str | None:
        return acts.act_wrong(self.act)

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        times = [done.us for done in one.did(self.act)]
        past, coming = [us for us in times if us <= now_us], [us for us in times if us > now_us]
        if past:
            yield Span(past[-1] + self.days * DAY_US, coming[0] if coming else NEVER)
        if coming:
            yield Span(coming[0] + self.days * DAY_US, NEVER)

    def where(self, scene: Scene) -> ir.Table:
        rows = acts.happenings(scene, self.act)
        past = rows.filter(rows.us <= scene.now).group_by("person").agg(last=rows.us.max())
        coming = rows.filter(rows.us > scene.now).group_by("person").agg(next=rows.us.min())
        each = past.left_join(coming, "person")
        ends = ibis.coalesce(each.next, ibis.literal(NEVER, "int64"))
        since = each.select("person", starts=each["last"] + self.days * DAY_US, ends=ends)
        never = ibis.literal(NEVER, "int64")
        return since.union(coming.select("person", starts=coming.next + self.days * DAY_US, ends=never))

    def said(self, called: Calling) -> Sentence:
        (zh, en), (days, in_days) = acts.act_said(self.act, called), days_said(self.days)
        return f"上次{zh}已过 {days}", f"last {en} at least {in_days} ago"

    def reacts_to(self) -> Collection[str]:
        return acts.act_kinds(self.act)

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return acts.evidence_of(one.did(self.act)[-1:])
