"""留存 — of those who began in one week or month, how many come back in each period of their own after it.

A cohort is the calendar week (from Monday) or month of somebody's first start. Period k is counted from each one's own first
day: days 7k … 7k+6 after it (30k … 30k+29 for months), so that everybody had the same time. Somebody counts in it only once it
is over for them; period 0 needs something at a later instant than the start itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.questions.acts import Act, act_days
from tiefen.insight.window import Window

Period = Literal["week", "month"]
DAYS: dict[str, int] = {"week": 7, "month": 30}
MOST_PERIODS = 53


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Who did `start` for the first time, and did `back` again."""

    start: Act
    back: Act
    period: Period = "week"
    periods: int = 12

    def __post_init__(self) -> None:
        if self.period not in DAYS:
            raise ValueError(f"there is no period {self.period}")
        if not 1 <= self.periods <= MOST_PERIODS:
            raise ValueError(f"1 to {MOST_PERIODS} periods")

    def of(self, t: Tables, w: Window) -> ir.Table:
        """(cohort, people, period, part, whole): cohort is its first day; whole are those for whom the period is over."""
        days = DAYS[self.period]
        began = act_days(t, w, self.start)
        began = began.group_by("person").agg(first_us=began.first_us.min(), first_on=began.day.min())
        cohort = began.first_on.truncate("W" if self.period == "week" else "M").cast("date")
        began = began.mutate(cohort=cohort)
        lived = (ibis.literal(w.end) - began.first_on).cast("int64") + 1
        began = began.mutate(over=lived // days)
        some = act_days(t, w, self.back).select("person", "day", "last_us").inner_join(began, "person")
        some = some.filter(some.last_us > some.first_us)
        came = some.select(
            "person", "cohort", "over", period=((some.day - some.first_on).cast("int64") // days).cast("int64")
        ).distinct()
        came = came.filter(came.period < came.over, came.period < self.periods)
        back = came.group_by("cohort", "period").agg(part=came.count())
        sizes = began.group_by("cohort").agg(people=began.count())
        numbers = t.given(f"periods_{self.periods}", pa.table({"period": pa.array(range(self.periods), pa.int64())}))
        ripe = began.cross_join(numbers)
        ripe = ripe.filter(ripe.period < ripe.over).group_by("cohort", "period").agg(whole=ibis._.count())
        both = ripe.left_join(back, ["cohort", "period"]).drop("cohort_right", "period_right")
        both = both.inner_join(sizes, "cohort")
        return both.select("cohort", "people", "period", "whole", part=both.part.fill_null(0))
