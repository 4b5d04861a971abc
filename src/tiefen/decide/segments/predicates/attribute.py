"""属性 — what is noted about somebody: a word, a number, one of several, or whether anything is known at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import FALSE, TRUE, Calling, Predicate, Sentence, Span, shown
from tiefen.decide.segments.predicates.values import spans_of_values
from tiefen.insight.expressions import ir

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene

Key = Annotated[str, shown("attribute", "属性", "attribute", min_length=1, max_length=200)]
_OPS = [
    ["known", "已知", "is known"], ["is", "等于", "is"], ["contains", "包含", "contains"], ["at_least", "≥", "≥"],
    ["below", "<", "<"],
]  # fmt: skip
_NUMBER = re.compile(r"\s*-?\d{1,15}(\.\d{1,9})?\s*", re.ASCII)


class Attribute(Predicate, frozen=True, kw_only=True, tag="attribute"):
    """`is`: equal to one of the values, whatever their case; `contains`: holds one of them; `at_least` and `below` compare
    numbers. Where nothing is noted, none of it is true. `name` is what somebody is called."""

    title = ("属性", "Attribute")

    key: Key
    op: Annotated[Literal["known", "is", "contains", "at_least", "below"], shown("choice", "", "", options=_OPS)] = "is"
    values: Annotated[tuple[acts.Text, ...], shown("texts", "值", "values", max_length=acts.MOST_NAMED)] = ()

    def wrong(self) -> str | None:
        if self.op == "known":
            return None
        if not self.values:
            return "a value is missing"
        if self.op in ("at_least", "below") and (len(self.values) > 1 or _NUMBER.fullmatch(self.values[0]) is None):
            return f"{self.values[0]} is no number"
        return None

    def true_of(self, value: Any) -> bool:
        """Whether it is true of a value, as it was noted."""
        if value is None or value in ("", [], {}):
            return False
        match self.op:
            case "known":
                return True
            case "is":
                return bool({_folded(value) for value in _each(value)} & {v.casefold() for v in self.values})
            case "contains":
                return any(v.casefold() in _folded(one) for one in _each(value) for v in self.values)
            case _:
                number = _number(value)
                return number is not None and (number >= float(self.values[0])) == (self.op == "at_least")

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        return TRUE if self.true_of(one.attributes.get(self.key)) else FALSE

    def where(self, scene: Scene) -> ir.Table:
        return spans_of_values(scene, self, self.key, lambda value: TRUE if self.true_of(value) else FALSE)

    def said(self, called: Calling) -> Sentence:
        zh, en = key_said(self.key)
        named = [f"“{value}”" for value in self.values[:5]]
        match self.op:
            case "known":
                return f"{zh}已知", f"{en} is known"
            case "is":
                return f"{zh}是{'或'.join(named)}", f"{en} is {' or '.join(named)}"
            case "contains":
                return f"{zh}包含{'或'.join(named)}", f"{en} contains {' or '.join(named)}"
            case "at_least":
                return f"{zh} ≥ {self.values[0]}", f"{en} ≥ {self.values[0]}"
            case "below":
                return f"{zh} < {self.values[0]}", f"{en} < {self.values[0]}"

    def needs(self) -> Collection[str]:
        return (f"attribute:{self.key}",)

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        value = one.attributes.get(self.key)
        return [] if value is None else [{"attribute": self.key, "value": value}]


_KEYS = {
    "name": ("姓名", "name"), "birthday": ("生日", "birthday"), "city": ("城市", "city"), "gender": ("性别", "gender"),
    "age": ("年龄", "age"), "email": ("邮箱", "e-mail"), "phone": ("手机", "phone"),
}  # fmt: skip


def key_said(key: str) -> Sentence:
    """What an attribute is called: its own name, but for the commonest."""
    return _KEYS.get(key, (key, key))


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _folded(value: Any) -> str:
    return (value if isinstance(value, str) else msgspec.json.encode(value).decode()).strip().casefold()


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None
