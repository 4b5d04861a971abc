"""日期属性 — a date that is noted about somebody: a birthday that comes, a day that has passed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from tiefen.decide.segments.predicates.attribute import Key, key_said
from tiefen.decide.segments.predicates.base import Calling, Predicate, Sentence, Span, shown
from tiefen.decide.segments.predicates.values import spans_of_values
from tiefen.insight.expressions import ir
from tiefen.kit.clock import day_of, start_of

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene

_OPS = [
    ["yearly_in", "每年，N 天内到来", "comes round within days"], ["in_next", "N 天内到来", "is within the next days"],
    ["in_last", "N 天内过去", "was within the last days"], ["ago", "过去至少 N 天", "was at least days ago"],
]  # fmt: skip
_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)


class OnDate(Predicate, frozen=True, kw_only=True, tag="on_date"):
    """`yearly_in`: its day of the year is today or within `days` days (29 February is the 28th in other years); `in_next`: it is
    today or within so many days; `in_last`: it is today or was within so many days; `ago`: it was at least so many days ago."""

    title = ("日期属性", "Date")

    key: Key = "birthday"
    op: Annotated[Literal["yearly_in", "in_next", "in_last", "ago"], shown("choice", "", "", options=_OPS)] = (
        "yearly_in"
    )
    days: Annotated[int, shown("days", "天数", "days", ge=0, le=3_650)] = 7

    def wrong(self) -> str | None:
        return "a year has 365 days" if self.op == "yearly_in" and self.days > 365 else None

    def of_value(self, value: Any, zone: str, now_us: int) -> list[Span]:
        """When it is true of a date as it was noted; never of what is none."""
        day = date_of(value, zone)
        if day is None:
            return []
        before = timedelta(days=self.days)
        match self.op:
            case "yearly_in":
                year = day_of(now_us, zone).year
                return [self._days(on - before, on, zone) for y in (year, year + 1, year + 2) for on in [_in(day, y)]]
            case "in_next":
                return [self._days(day - before, day, zone)]
            case "in_last":
                return [self._days(day, day + before, zone)]
            case "ago":
                return [self._days(day + before, date(2999, 12, 31), zone)]

    def _days(self, first: date, last: date, zone: str) -> Span:
        return Span(start_of(first, zone), start_of(last + timedelta(days=1), zone))

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        return self.of_value(one.attributes.get(self.key), one.time_zone, now_us)

    def where(self, scene: Scene) -> ir.Table:
        return spans_of_values(scene, self, self.key, lambda v: self.of_value(v, scene.time_zone, scene.now_us))

    def said(self, called: Calling) -> Sentence:
        (zh, en), n, days = key_said(self.key), self.days, f"{self.days} day{'s' if self.days != 1 else ''}"
        match self.op:
            case "yearly_in":
                return f"每年的{zh}在 {n} 天内到来", f"{en} comes round within {days}"
            case "in_next":
                return f"{zh}在未来 {n} 天内", f"{en} is within the next {days}"
            case "in_last":
                return f"{zh}在过去 {n} 天内", f"{en} was within the last {days}"
            case "ago":
                return f"{zh}已过去至少 {n} 天", f"{en} was at least {days} ago"

    def needs(self) -> Collection[str]:
        return (f"attribute:{self.key}",)

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        value = one.attributes.get(self.key)
        return [] if value is None else [{"attribute": self.key, "value": value}]


def date_of(value: Any, zone: str) -> date | None:
    """A day as people note it (`1990-05-01`, `1990/5/1`, with a time or without), or None."""
    if not isinstance(value, str) or not 8 <= len(text := value.strip().replace("/", "-").replace(".", "-")) <= 40:
        return None
    try:
        if len(text) > 10 and text[10] in "T ":
            # A time may have dots and an offset of its own; what was replaced in it is of no matter to the day.
            moment = datetime.fromisoformat(value.strip().replace("/", "-"))
            day = (moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment).date()
        else:
            year, month, number = (int(part) for part in text.split("-"))
            day = date(year, month, number)
    except (ValueError, OverflowError):
        return None
    return day if _FIRST <= day <= _LAST else None


def _in(day: date, year: int) -> date:
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) and not _leap(year) else day.replace(year=year)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
