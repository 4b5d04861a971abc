"""What brings people into a journey: something that happens, a segment, a group, a date of theirs, the calendar, or by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import msgspec

from tiefen.act.journeys import localtime
from tiefen.act.journeys.happening import LEAVING, Happening, Sentence, Signal


class Trigger(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One way in. A kind is a class here and its place in the union below."""

    title: ClassVar[Sentence]
    by_clock: ClassVar[bool] = False

    def facts(self) -> tuple[str, ...]:
        """The kinds of facts that bring somebody in, or take back what did."""
        return ()

    def takes(self, signal: Signal) -> bool:  # noqa: ARG002
        """Whether it brings somebody in."""
        return False

    def taken_back(self, signal: Signal) -> bool:  # noqa: ARG002
        """Whether what brought somebody in is no longer so."""
        return False

    def wrong(self) -> Iterator[Sentence]:
        return iter(())

    def said(self) -> Sentence:
        raise NotImplementedError


class OnEvent(Trigger, frozen=True, kw_only=True, tag="event"):
    """Somebody does something."""

    title: ClassVar[Sentence] = ("发生某件事", "Something happens")

    happening: Happening

    def facts(self) -> tuple[str, ...]:
        return (self.happening.fact,)

    def takes(self, signal: Signal) -> bool:
        return self.happening.matches(signal)

    def wrong(self) -> Iterator[Sentence]:
        return self.happening.wrong()

    def said(self) -> Sentence:
        zh, en = self.happening.said()
        return f"有人“{zh}”", f"Somebody: {en}"


class OnSegment(Trigger, frozen=True, kw_only=True, tag="segment"):
    """Somebody comes into a segment, or goes out of it."""

    title: ClassVar[Sentence] = ("进入或离开分群", "A segment is entered or left")

    segment: str
    what: Literal["entered", "left"] = "entered"

    def facts(self) -> tuple[str, ...]:
        return ("segment.entered", "segment.left")

    def takes(self, signal: Signal) -> bool:
        return signal.kind == f"segment.{self.what}" and signal.body.segment == self.segment

    def taken_back(self, signal: Signal) -> bool:
        other = "left" if self.what == "entered" else "entered"
        return signal.kind == f"segment.{other}" and signal.body.segment == self.segment

    def wrong(self) -> Iterator[Sentence]:
        if not self.segment:
            yield "没有选分群", "No segment is chosen"

    def said(self) -> Sentence:
        zh, en = ("进入", "enters") if self.what == "entered" else ("离开", "leaves")
        return f"有人{zh}分群“{self.segment}”", f"Somebody {en} the segment {self.segment}"


class OnJoined(Trigger, frozen=True, kw_only=True, tag="joined"):
    """Somebody joins a group, or one of some groups."""

    title: ClassVar[Sentence] = ("入群", "A group is joined")

    groups: tuple[int, ...] = ()
    """Numbers of groups; none means any."""

    def facts(self) -> tuple[str, ...]:
        return ("member.joined", "member.left")

    def takes(self, signal: Signal) -> bool:
        return signal.kind == "member.joined" and self._among(signal)

    def taken_back(self, signal: Signal) -> bool:
        return signal.kind == LEAVING["member.joined"] and self._among(signal)

    def _among(self, signal: Signal) -> bool:
        return not self.groups or signal.body.group in self.groups

    def said(self) -> Sentence:
        n = len(self.groups)
        return (
            ("有人入群", "Somebody joins a group")
            if not n
            else (f"有人加入选定的 {n} 个群", f"Somebody joins one of {n} groups")
        )


class OnContact(Trigger, frozen=True, kw_only=True, tag="contact"):
    """Somebody becomes a contact of a member of staff."""

    title: ClassVar[Sentence] = ("加好友", "A contact is added")

    state: str | None = None
    """What the entrance carried; None is any."""

    def facts(self) -> tuple[str, ...]:
        return ("contact.added", "contact.lost")

    def takes(self, signal: Signal) -> bool:
        return signal.kind == "contact.added" and self.state in (None, "", signal.body.state)

    def taken_back(self, signal: Signal) -> bool:
        return signal.kind == LEAVING["contact.added"]

    def said(self) -> Sentence:
        return ("有人加好友" + (f"（来自 {self.state}）" if self.state else ""),
                "Somebody becomes a contact" + (f" by {self.state}" if self.state else ""))  # fmt: skip


class OnDate(Trigger, frozen=True, kw_only=True, tag="date"):
    """A date that is known of somebody, some days before or after it, every year or once."""

    title: ClassVar[Sentence] = ("某人的日期", "A date of theirs")
    by_clock: ClassVar[bool] = True

    attribute: str
    """An attribute that holds YYYY-MM-DD or, yearly, MM-DD."""
    days: int = 0
    """Negative: before."""
    at: str = "10:00"
    yearly: bool = True

    def wrong(self) -> Iterator[Sentence]:
        if not self.attribute.strip() or '"' in self.attribute or len(self.attribute) > 100:
            yield "没有写日期属性的名字", "The attribute that holds the date is not named"
        if not -366 <= self.days <= 366:
            yield "前后最多 366 天", "It can be at most 366 days before or after"
        if not localtime.is_time(self.at):
            yield "时间要写成 HH:MM", "A time is written HH:MM"

    def said(self) -> Sentence:
        n = abs(self.days)
        zh = "当天" if not n else f"{'前' if self.days < 0 else '后'} {n} 天"
        en = "on" if not n else f"{n} day{'s' if n > 1 else ''} {'before' if self.days < 0 else 'after'}"
        return f"“{self.attribute}”{zh} {self.at}", f"At {self.at} {en} their {self.attribute}"


class OnSchedule(Trigger, frozen=True, kw_only=True, tag="schedule"):
    """Everybody in a segment, whenever a rule of the calendar falls."""

    title: ClassVar[Sentence] = ("按日程", "By the calendar")
    by_clock: ClassVar[bool] = True

    rule: str
    """A recurrence rule (RFC 5545) in the company's time zone, at most hourly."""
    segment: str

    def wrong(self) -> Iterator[Sentence]:
        if localtime.wrong_rule(self.rule):
            yield (
                "日程规则看不懂，或者比每小时还密",
                "The calendar's rule cannot be read, or falls more often than every hour",
            )
        if not self.segment:
            yield "没有选分群", "No segment is chosen"

    def said(self) -> Sentence:
        return (
            f"按日程（{self.rule}）：分群“{self.segment}”的所有人",
            f"By the calendar ({self.rule}): all in {self.segment}",
        )


class ByHand(Trigger, frozen=True, kw_only=True, tag="by_hand"):
    """Only whom an operator or another system puts in."""

    title: ClassVar[Sentence] = ("手动或接口", "By hand or by the API")

    def said(self) -> Sentence:
        return "手动加入，或由接口加入", "Put in by hand or by the API"


AnyTrigger = OnEvent | OnSegment | OnJoined | OnContact | OnDate | OnSchedule | ByHand
TRIGGERS: tuple[type[Trigger], ...] = (OnEvent, OnSegment, OnJoined, OnContact, OnDate, OnSchedule, ByHand)
