"""Chinese public holidays (法定节假日) with their make-up workdays (调休), as the State Council publishes them each November.

The days are those of the package `chinese-calendar`, which keeps the notices (国务院办公厅关于部分节假日安排的通知) since 2004. Of a year
that it does not hold yet only the days that never move are known (1 January, 1 May, 1–3 October); the policy takes further
days by hand.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from chinese_calendar import constants

Rest = Literal["never", "holidays", "holidays_and_weekends"]

HOLIDAYS = frozenset(constants.holidays)
WORKDAYS = frozenset(constants.workdays)
"""Saturdays and Sundays on which everybody works."""
DATED_YEARS = frozenset(day.year for day in HOLIDAYS)
"""Years of which every holiday is known."""
_ALWAYS = ("01-01", "05-01", "10-01", "10-02", "10-03")


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
