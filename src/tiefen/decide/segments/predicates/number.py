"""指标 — any number that the reading knows about people, as of the reading; what is not known is neither high nor low."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tiefen.decide.segments.predicates.base import FALSE, TRUE, Calling, Predicate, Sentence, Span, of_all_time, shown
from tiefen.insight.catalogue import BY_KEY, metrics_per
from tiefen.insight.expressions import ir

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Row, Seen
    from tiefen.decide.segments.scene import Scene

_OPS = [
    ["at_least", "≥", "≥"], ["below", "<", "<"], ["between", "介于", "between"], ["known", "已知", "is known"],
]  # fmt: skip
_MOST = 10**15
Bound = Annotated[float, shown("number", "值", "value", ge=-_MOST, le=_MOST)]


class Number(Predicate, frozen=True, kw_only=True, tag="number"):
    """A number of somebody (part ÷ whole) is at least `value`, below it, or from `value` up to but below `most`; or known at all."""

    title = ("指标", "Number")

    metric: Annotated[str, shown("metric", "指标", "number", min_length=1, max_length=80)]
    op: Annotated[Literal["at_least", "below", "between", "known"], shown("choice", "", "", options=_OPS)] = "at_least"
    value: Bound = 0.0
    most: Annotated[float, shown("number", "到", "to", ge=-_MOST, le=_MOST)] | None = None

    def wrong(self) -> str | None:
        if ("person", self.metric) not in BY_KEY:
            return f"there is no number called {self.metric}"
        if not math.isfinite(self.value):
            return "the value is no number"
        if self.op == "between" and (self.most is None or not self.value < self.most <= _MOST):
            return "the upper bound must be above the lower"
        return None

    def _value(self, row: Row) -> float | None:
        part, whole = row.get(f"{self.metric}_part"), row.get(f"{self.metric}_whole")
        return part / whole if whole and part is not None else None

    def true_of(self, row: Row) -> bool:
        value = self._value(row)
        if value is None:
            return False
        match self.op:
            case "known":
                return True
            case "at_least":
                return value >= self.value
            case "below":
                return value < self.value
            case "between":
                assert self.most is not None
                return self.value <= value < self.most

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        return TRUE if any(self.true_of(row) for row in one.numbers) else FALSE

    def where(self, scene: Scene) -> ir.Table:
        numbers = scene.numbers()
        if numbers is None:
            return scene.nobody()
        part, whole = (numbers[f"{self.metric}_{side}"].cast("float64") for side in ("part", "whole"))
        known = whole.notnull() & part.notnull() & (whole != 0)
        value = part / whole
        match self.op:
            case "known":
                held = known
            case "at_least":
                held = known & (value >= self.value)
            case "below":
                held = known & (value < self.value)
            case "between":
                assert self.most is not None
                held = known & (value >= self.value) & (value < self.most)
        return of_all_time(numbers.filter(held))

    def said(self, called: Calling) -> Sentence:
        metric = BY_KEY["person", self.metric]
        low, most = _written(self.value, metric.unit), _written(self.most or 0.0, metric.unit)
        match self.op:
            case "known":
                return f"{metric.zh}已知", f"{metric.en} is known"
            case "at_least":
                return f"{metric.zh} ≥ {low}", f"{metric.en} ≥ {low}"
            case "below":
                return f"{metric.zh} < {low}", f"{metric.en} < {low}"
            case "between":
                return f"{metric.zh}在 {low} 到 {most} 之间", f"{metric.en} from {low} to {most}"

    def needs(self) -> Collection[str]:
        return (f"number:{self.metric}_part", f"number:{self.metric}_whole")

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return [{"metric": self.metric, "value": self._value(row)} for row in one.numbers]


def choices() -> list[list[str]]:
    """The numbers there are: key, Chinese, English, unit."""
    return [[metric.key, metric.zh, metric.en, metric.unit] for metric in metrics_per("person")]


def _written(value: float, unit: str) -> str:
    match unit:
        case "fen":
            return f"{value / 100:,.2f}"
        case "share":
            return f"{value:.0%}"
        case _:
            return f"{value:g}"
