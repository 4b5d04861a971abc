"""路径 — what people do next, or did before: the commonest ways on from an act.

Everybody counts once, from the first time they did it within the days asked for. The same thing several times on end is one
step; of what happened at one instant, the order is that of the names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.questions.acts import Act, acts, named_acts
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US

MOST_STEPS, MOST_PATHS = 6, 200
END = ""
"""Nothing more within the window."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The next `steps` things after `around` (or before it), within `window_us` of it; the `top` commonest paths."""

    around: Act
    before: bool = False
    steps: int = 3
    window_us: int = 7 * DAY_US
    top: int = 30
    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MOST_STEPS or not 1 <= self.top <= MOST_PATHS or self.window_us < 1:
            raise ValueError(f"1 to {MOST_STEPS} steps, 1 to {MOST_PATHS} paths, and some time")

    def of(self, t: Tables, w: Window) -> ir.Table:
        """(step_1 … step_n, people, whole): whole are all who did `around`. `step_1` is nearest to it."""
        first = acts(t, w, self.around)
        if self.start is not None:
            first = first.filter(first.day >= self.start)
        if self.end is not None:
            first = first.filter(first.day <= self.end)
        first = first.group_by("person").agg(from_us=first.us.min())
        near = named_acts(t, w).inner_join(first, "person")
        apart = near.from_us - near.us if self.before else near.us - near.from_us
        near = near.mutate(apart=apart).filter(ibis._.apart > 0, ibis._.apart <= self.window_us)
        along = ibis.window(group_by="person", order_by=["apart", "what"])
        near = near.mutate(last=near.what.lag().over(along))
        near = near.filter(near.last.isnull() | (near.last != near.what))
        near = near.mutate(place=ibis.row_number().over(along)).filter(ibis._.place < self.steps)
        columns = {
            f"step_{n + 1}": near.what.max(where=near.place == n).fill_null(END) for n in range(self.steps)
        }  # fmt: skip
        each = near.group_by("person").agg(**columns)
        everybody = first.left_join(each, "person")
        names = [f"step_{n + 1}" for n in range(self.steps)]
        paths = everybody.select("person", **{name: everybody[name].fill_null(END) for name in names})
        counted = paths.group_by(names).agg(people=paths.count())
        counted = counted.mutate(whole=counted.people.sum().over(ibis.window()))
        return counted.order_by([counted.people.desc(), *names]).limit(self.top)
