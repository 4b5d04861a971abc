"""漏斗 — of those who took the first step, how many took the next, in this order and in time.

A step counts when it is strictly later than the one before; what happened at the very same instant is not later. All steps
must lie within the window, counted from the first (its end included). Somebody who takes the first step several times may
begin at each: the attempt that went furthest counts, of equally far ones the first. Everybody is counted once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.questions.acts import Act, acts
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US

MOST_STEPS = 8


@dataclass(frozen=True, slots=True)
class Funnel:
    """Steps in their order. Attempts begin on a day from `start` to `end`, both included; None is the beginning, and now."""

    steps: tuple[Act, ...]
    window_us: int = 30 * DAY_US
    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= MOST_STEPS:
            raise ValueError(f"a funnel has 1 to {MOST_STEPS} steps")
        if self.window_us < 1:
            raise ValueError("a funnel needs time")

    def of(self, t: Tables, w: Window) -> ir.Table:
        """(step, people, seconds): who got so far, and the median time from the step before."""
        best = attempts(t, w, self)
        counts = []
        for number in range(len(self.steps)):
            there = best.filter(best.reached > number)
            before = best[f"us_{number - 1}"] if number else best.us_0
            waits = (there[f"us_{number}"] - there[before.get_name()]) / 1_000_000
            counts.append(
                there.agg(people=there.count(), seconds=waits.quantile(0.5)).mutate(step=ibis.literal(number, "int64"))
            )
        both = ibis.union(*counts) if len(counts) > 1 else counts[0]
        return both.select("step", "people", seconds=both.seconds.cast("float64"))


def attempts(t: Tables, w: Window, funnel: Funnel) -> ir.Table:
    """(person, reached, us_0, us_1 …): the best attempt of everybody who took the first step."""
    first = acts(t, w, funnel.steps[0])
    if funnel.start is not None:
        first = first.filter(first.day >= funnel.start)
    if funnel.end is not None:
        first = first.filter(first.day <= funnel.end)
    tries = first.select("person", us_0="us").distinct()
    for number, act in enumerate(funnel.steps[1:], 1):
        tries = _next(tries, acts(t, w, act).select("person", us="us"), number, funnel.window_us)
    times = [f"us_{number}" for number in range(len(funnel.steps))]
    reached = sum((tries[name].notnull().cast("int64") for name in times[1:]), ibis.literal(1, "int64"))
    tries = tries.mutate(reached=reached)
    best = ibis.window(group_by="person", order_by=[tries.reached.desc(), tries.us_0])
    ranked = tries.mutate(place=ibis.row_number().over(best))
    return ranked.filter(ranked.place == 0).select("person", "reached", *times)


def _next(tries: ir.Table, events: ir.Table, number: int, window_us: int) -> ir.Table:
    """Each attempt with the first event after its last step, where there is one in time.

    Attempts and events stand in one line for each person, events before attempts of the same instant, so that what follows
    an attempt is later than it.
    """
    last, column = f"us_{number - 1}", f"us_{number}"
    times = [f"us_{n}" for n in range(number)]
    nothing = ibis.null("int64")
    going = tries.filter(tries[last].notnull())
    bounds = going.group_by("person").agg(after=going[last].min(), until=going.us_0.max() + window_us)
    events = events.inner_join(bounds, "person")
    events = events.filter(events.us > events.after, events.us <= events.until)
    line = going.select("person", *times, at=going[last], event=nothing, is_try=ibis.literal(1, "int64"))
    later = events.select(
        "person", **dict.fromkeys(times, nothing), at=events.us, event=events.us, is_try=ibis.literal(0, "int64")
    )
    both = line.union(later)
    after = ibis.window(group_by="person", order_by=[both.at, both.is_try], following=(1, None))
    both = both.mutate(found=both.event.min().over(after)).filter(ibis._.is_try == 1)
    in_time = (both.found - both.us_0 <= window_us).ifelse(both.found, nothing)
    went = both.select("person", *times, **{column: in_time})
    stopped = tries.filter(tries[last].isnull()).select("person", *times, **{column: nothing})
    return went.union(stopped)
