"""What a journey waits for: a kind of fact about somebody, narrowed by what the fact says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from tiefen.ledger.facts import BY_KIND, columns

Sentence = tuple[str, str]
"""Chinese, English."""
Op = Literal["is", "is_not", "at_least", "at_most", "contains", "known"]
_OPS: dict[str, Sentence] = {
    "is": ("是", "is"), "is_not": ("不是", "is not"), "at_least": ("至少", "is at least"),
    "at_most": ("至多", "is at most"), "contains": ("包含", "contains"), "known": ("有值", "is known"),
}  # fmt: skip
_NOT_ACTS = frozenset({"cost.spent", "identity.linked", "people.merged", "person.split", "arm.assigned"})
KINDS: tuple[str, ...] = tuple(
    kind
    for kind, of in BY_KIND.items()
    if kind not in _NOT_ACTS and {"person", "member"} & {column.name for column in columns(of)}
)
"""Kinds of facts that are about one person."""
LEAVING = {"member.joined": "member.left", "contact.added": "contact.lost", "segment.entered": "segment.left"}
"""What takes back what brought somebody in."""


class Signal(NamedTuple):
    """A fact about somebody, as far as a journey looks at it."""

    person: int
    at_us: int
    kind: str
    body: Any


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """One condition on a fact: `field` is one of its own, or `properties.NAME` of a tracked event."""

    field: str
    op: Op = "is"
    value: str | int | float | bool | None = None

    def holds(self, body: Any) -> bool:
        found = look_up(body, self.field)
        return compare(found, self.op, self.value)


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody does, or that is done with them."""

    fact: str
    where: tuple[Where, ...] = ()

    def matches(self, signal: Signal) -> bool:
        return signal.kind == self.fact and all(one.holds(signal.body) for one in self.where)

    def wrong(self) -> Iterator[Sentence]:
        if self.fact not in KINDS:
            yield f"没有“{self.fact}”这种事实", f"there is no act {self.fact}"
            return
        known = {column.name for column in columns(BY_KIND[self.fact])}
        for one in self.where:
            head, _, rest = one.field.partition(".")
            if head not in known or (rest and not (self.fact == "event.tracked" and head == "properties")):
                yield f"“{self.fact}”没有字段“{one.field}”", f"{self.fact} has no field {one.field}"
            if one.op in ("at_least", "at_most") and (
                isinstance(one.value, bool) or not isinstance(one.value, int | float)
            ):
                yield f"“{one.field}”要和数字比较", f"{one.field} can be compared with a number only"
            elif one.op != "known" and one.value is None:
                yield f"“{one.field}”没有写比较的值", f"{one.field} is compared with nothing"

    def said(self) -> Sentence:
        zh, en = BY_KIND[self.fact].title if self.fact in BY_KIND else (self.fact, self.fact)
        if not self.where:
            return zh, en.lower()
        says = [(one.field, *_OPS[one.op], "" if one.value is None else str(one.value)) for one in self.where]
        return (
            f"{zh}（{'，'.join(f'{field} {op} {value}'.strip() for field, op, _, value in says)}）",
            f"{en.lower()} ({', '.join(f'{field} {op} {value}'.strip() for field, _, op, value in says)})",
        )


def compare(found: Any, op: Op, value: Any) -> bool:
    """A value found against one that was asked for; what is unknown fulfils nothing."""
    if found is None or found == "":
        return False
    match op:
        case "known":
            return True
        case "is":
            return _same(found, value)
        case "is_not":
            return not _same(found, value)
        case "contains":
            return str(value).casefold() in str(found).casefold()
        case "at_least" | "at_most":
            try:
                number, limit = float(found), float(value)
            except (TypeError, ValueError):
                return False
            return number >= limit if op == "at_least" else number <= limit


def _same(found: Any, value: Any) -> bool:
    if isinstance(found, bool) or isinstance(value, bool):
        return str(found).lower() == str(value).lower()
    return bool(found == value) or str(found) == str(value)


def look_up(body: Any, field: str) -> Any:
    """What a fact says in a field, or in a property of a tracked event."""
    head, _, rest = field.partition(".")
    found = getattr(body, head, None)
    if rest and isinstance(found, str):
        try:
            told = msgspec.json.decode(found)
        except msgspec.DecodeError:
            return None
        return told.get(rest) if isinstance(told, dict) else None
    return found
