"""触达 — was sent something, and reacted to it or did not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import NEVER, Calling, Predicate, Sentence, Span, days_said, shown
from tiefen.insight.expressions import ibis, ir
from tiefen.kit.clock import DAY_US

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Row, Seen
    from tiefen.decide.segments.scene import Scene

_ARRIVED = ("sent", "delivered")
_THEN = [
    ["any", "不论反应", "whatever they did"], ["reacted", "并有反应", "and reacted"],
    ["ignored", "但没有反应", "and did not react"],
]  # fmt: skip


class Touched(Predicate, frozen=True, kw_only=True, tag="touched"):
    """A message arrived (of one campaign or of any). Somebody `reacted` who did `reaction` later than some message and within
    `within` days of it; `ignored` them who let so many days pass after a message without."""

    title = ("收到过触达", "Was sent something")

    campaign: Annotated[str, shown("campaign", "活动", "campaign", min_length=1, max_length=200)] | None = None
    days: acts.Days | None = None
    then: Annotated[Literal["any", "reacted", "ignored"], shown("choice", "之后", "then", options=_THEN)] = "any"
    reaction: acts.ActField = "anything"
    within: Annotated[int, shown("days", "反应期", "days to react", ge=1, le=365)] = 3

    def wrong(self) -> str | None:
        return acts.act_wrong(self.reaction)

    def _touches(self, one: Seen) -> list[Row]:
        return [
            row for row in one.rows("touch.moved")
            if row["state"] in _ARRIVED and self.campaign in (None, row["campaign"])
        ]  # fmt: skip

    def _end(self, us: int) -> int:
        return NEVER if self.days is None else us + self.days * DAY_US

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        if self.then == "any":
            for row in self._touches(one):
                yield Span(row["happened_us"], self._end(row["happened_us"]))
            return
        did = [done.us for done in one.did(self.reaction)]
        for row in self._touches(one):
            us = row["happened_us"]
            until = us + self.within * DAY_US
            answer = next((at for at in did if us < at <= until), None)
            if self.then == "reacted" and answer is not None:
                yield Span(answer, self._end(us))
            elif self.then == "ignored" and answer is None:
                yield Span(until, self._end(us))

    def where(self, scene: Scene) -> ir.Table:
        moved = scene.recent(scene.t["touch_moved"], self.days)
        moved = moved.filter(moved.person.notnull(), moved.state.isin(_ARRIVED))
        if self.campaign is not None:
            moved = moved.filter(moved.campaign == self.campaign)
        never = ibis.literal(NEVER, "int64")
        touches = moved.select("person", "seq", us=moved.happened_us)
        ends = never if self.days is None else touches.us + self.days * DAY_US
        if self.then == "any":
            return touches.select("person", starts=touches.us, ends=ends)
        reach = None if self.days is None else self.days
        did = acts.happenings(scene, self.reaction, reach).semi_join(touches, "person")
        nothing = ibis.null("int64")
        line = touches.select("person", "us", seq="seq", at=nothing, is_touch=ibis.literal(1, "int64")).union(
            did.select("person", "us", seq="seq", at=did.us, is_touch=ibis.literal(0, "int64"))
        )
        # At one instant the reaction stands first, so that only what is later follows a touch.
        later = ibis.window(group_by="person", order_by=[line.us, line.is_touch, line.seq], preceding=0, following=None)
        line = line.mutate(answer=line["at"].min().over(later)).filter(ibis._.is_touch == 1)
        until = line.us + self.within * DAY_US
        answered = line.answer.notnull() & (line.answer <= until)
        ends = never if self.days is None else line.us + self.days * DAY_US
        if self.then == "reacted":
            return line.filter(answered).select("person", starts=line.answer, ends=ends)
        return line.filter(~answered).select("person", starts=until, ends=ends)

    def said(self, called: Calling) -> Sentence:
        what = (
            (f"“{called('campaign', self.campaign)}”", f"“{called('campaign', self.campaign)}”")
            if self.campaign
            else ("触达", "something")
        )
        since = (
            (f"近 {days_said(self.days)[0]}内", f" in the last {days_said(self.days)[1]}") if self.days else ("", "")
        )
        zh, en = f"{since[0]}收到{what[0]}", f"was sent {what[1]}{since[1]}"
        if self.then == "any":
            return zh, en
        (act_zh, act_en), (days, in_days) = acts.act_said(self.reaction, called), days_said(self.within)
        if self.then == "reacted":
            return f"{zh}后 {days}内{act_zh}", f"{en} and within {in_days} {act_en}"
        return f"{zh}后 {days}内没有{act_zh}", f"{en} and within {in_days} not {act_en}"

    def reacts_to(self) -> Collection[str]:
        return ("touch.moved",) if self.then == "any" else ("touch.moved", *acts.act_kinds(self.reaction))

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return [acts.evidence_row("touch_moved", row) for row in reversed(self._touches(one)[-10:])]
