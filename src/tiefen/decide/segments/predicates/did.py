"""做过 — did something at least so often: ever, within the last days, or between two days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import AHEAD_US, NEVER, Calling, Predicate, Sentence, Span, days_said, shown
from tiefen.insight.expressions import ibis, ir
from tiefen.kit.clock import DAY_US, start_of

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Done, Seen
    from tiefen.decide.segments.scene import Scene


_FIRST, _LAST = date(1980, 1, 1), date(2199, 12, 31)


class Did(Predicate, frozen=True, kw_only=True, tag="did"):
    """At least `times` of an act. With `days`, among the last so many days; with `start` and `end`, on those days (both included)."""

    title = ("做过某事", "Did something")

    act: acts.ActField
    times: acts.Times = 1
    days: acts.Days | None = None
    start: Annotated[date, shown("date", "从", "from")] | None = None
    end: Annotated[date, shown("date", "到", "to")] | None = None

    def wrong(self) -> str | None:
        if self.days is not None and (self.start or self.end):
            return "either the last days or two dates, not both"
        if any(day is not None and not _FIRST <= day <= _LAST for day in (self.start, self.end)):
            return f"a day must be between {_FIRST} and {_LAST}"
        if self.start and self.end and self.start > self.end:
            return "the first day is after the last"
        return acts.act_wrong(self.act)

    def _bounds(self, zone: str) -> tuple[int, int]:
        first = start_of(self.start, zone) if self.start else -NEVER
        return first, start_of(self.end + timedelta(days=1), zone) if self.end else NEVER

    def _done(self, one: Seen) -> list[Done]:
        first, last = self._bounds(one.time_zone)
        return [done for done in one.did(self.act) if first <= done.us < last]

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        times = [done.us for done in self._done(one)]
        for oldest, newest in zip(times, times[self.times - 1 :], strict=False):
            yield Span(newest, NEVER if self.days is None else oldest + self.days * DAY_US)

    def _rows(self, scene: Scene) -> ir.Table:
        rows = acts.happenings(scene, self.act, self.days)
        first, last = self._bounds(scene.time_zone)
        if self.start:
            rows = rows.filter(rows.us >= first)
        return rows.filter(rows.us < last) if self.end else rows

    def held(self, scene: Scene) -> ir.Table:
        rows = self._rows(scene)
        rows = rows.filter(rows.us <= scene.now)
        if self.times == 1:
            return rows.select("person")
        often = rows.group_by("person").agg(times=rows.count())
        return often.filter(often.times >= self.times).select("person")

    def judged(self, scene: Scene) -> ir.Table:
        if scene.later or (self.times == 1 and self.days is not None):
            return super().judged(scene)
        rows, never = self._rows(scene), ibis.literal(NEVER, "int64")
        if self.days is None:
            each = rows.group_by("person").agg(times=rows.count())
            return each.select("person", holds=each.times >= self.times, until=never)
        # Nothing comes later, so it turns when the last of so many is too old: looked up among those that soon are.
        lasts_us = self.days * DAY_US
        soon = rows.us <= scene.now - (lasts_us - AHEAD_US)
        each = rows.group_by("person").agg(
            times=rows.count(), young=rows.count(where=~soon), old=rows.us.collect(where=soon)
        )
        holds, lacking = each.times >= self.times, self.times - each.young
        turns = each.old.sort()[each.old.length() - lacking] + lasts_us
        return each.select("person", holds=holds, until=(holds & (lacking > 0)).ifelse(turns, never))

    def where(self, scene: Scene) -> ir.Table:
        rows = self._rows(scene)
        if self.times == 1 and self.days is None:
            ever = rows.group_by("person").agg(starts=rows.us.min())
            return ever.select("person", "starts", ends=ibis.literal(NEVER, "int64"))
        oldest = rows.us
        if self.times > 1:
            oldest = rows.us.lag(self.times - 1).over(ibis.window(group_by="person", order_by=[rows.us, rows.seq]))
        rows = rows.select("person", starts=rows.us, oldest=oldest)
        rows = rows.filter(rows.oldest.notnull())
        never = ibis.literal(NEVER, "int64")
        return rows.select("person", "starts", ends=never if self.days is None else rows.oldest + self.days * DAY_US)

    def said(self, called: Calling) -> Sentence:
        zh, en = acts.act_said(self.act, called)
        often = (f"至少 {self.times} 次", f" at least {self.times} times") if self.times > 1 else ("", "")
        since, in_time = when(self)
        return f"{since or '曾经'}{zh}{often[0]}", f"{en}{often[1]}{in_time or ' at some time'}"

    def reacts_to(self) -> Collection[str]:
        return acts.act_kinds(self.act)

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return acts.evidence_of(acts.within(self._done(one), self.days, now_us))


class DidNot(Did, frozen=True, kw_only=True, tag="did_not"):
    """Not even `times` of an act: it was done less often than that, or never."""

    title = ("没做过某事", "Did not do something")

    opposite = True

    def said(self, called: Calling) -> Sentence:
        zh, en = acts.act_said(self.act, called)
        often = (f"不到 {self.times} 次", f" fewer than {self.times} times") if self.times > 1 else ("", "")
        if self.times > 1:
            return f"{when(self)[0]}{zh}{often[0]}", f"{en}{often[1]}{when(self)[1]}"
        return f"{when(self)[0]}没有{zh}", f"never {en}{when(self)[1]}"


def when(of: Did) -> Sentence:
    """The time that is looked at, in words."""
    if of.days is not None:
        zh, en = days_said(of.days)
        return f"近 {zh}内", f" in the last {en}"
    if of.start and of.end:
        return f"{of.start} 至 {of.end} ", f" from {of.start} to {of.end}"
    if of.start:
        return f"{of.start} 起", f" since {of.start}"
    if of.end:
        return f"{of.end} 为止", f" until {of.end}"
    return "", ""
