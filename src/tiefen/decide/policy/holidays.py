"""Chinese public holidays (法定节假日) with their make-up workdays (调休), as the State Council published them.

Sources: 国务院办公厅关于2025年部分节假日安排的通知 (国办发明电〔2024〕12号, https://www.gov.cn/zhengce/content/202411/content_6986382.htm);
国务院办公厅关于2026年部分节假日安排的通知 (4 November 2025, https://politics.gmw.cn/2025-11/04/content_38391083.htm).
Of a year that is not here yet only the days that never move are known (1 January, 1 May, 1–3 October); the policy takes
further days by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

Rest = Literal["never", "holidays", "holidays_and_weekends"]

_OFF: dict[int, tuple[tuple[str, str], ...]] = {
    2025: (
        ("01-01", "01-01"), ("01-28", "02-04"), ("04-04", "04-06"), ("05-01", "05-05"), ("05-31", "06-02"),
        ("10-01", "10-08"),
    ),
    2026: (
        ("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-19", "06-21"),
        ("09-25", "09-27"), ("10-01", "10-07"),
    ),
}  # fmt: skip
_WORKED: dict[int, tuple[str, ...]] = {
    2025: ("01-26", "02-08", "04-27", "09-28", "10-11"),
    2026: ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
}
_ALWAYS = ("01-01", "05-01", "10-01", "10-02", "10-03")

DATED_YEARS = frozenset(_OFF)
"""Years of which every holiday is known."""


def _days(year: int, first: str, last: str) -> Iterator[date]:
    day, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last}")
    while day <= end:
        yield day
        day += timedelta(days=1)


HOLIDAYS = frozenset(day for year, spans in _OFF.items() for span in spans for day in _days(year, *span))
WORKDAYS = frozenset(date.fromisoformat(f"{year}-{day}") for year, days in _WORKED.items() for day in days)
"""Saturdays and Sundays on which everybody works."""


def is_rest_day(
    day: date, rest: Rest, *, also: frozenset[date] = frozenset(), never: frozenset[date] = frozenset()
) -> bool:
    """Whether people are left alone on that day. `also` and `never` are what an operator said of single days, and win."""
    if day in never or day in also:
        return day not in never
    if rest == "never":
        return False
    if day in HOLIDAYS or (day.year not in DATED_YEARS and f"{day:%m-%d}" in _ALWAYS):
        return True
    return rest == "holidays_and_weekends" and day.weekday() >= 5 and day not in WORKDAYS
