"""阶梯 — 顾客 customer → 用户 user → 粉丝 fan → 铁粉 superfan: rules as data, and the reasons with their numbers.

A rung is reached when all conditions of `all_of` and at least `enough` of `some_of` are met, and the rung below is.
Buying is one way up among several: somebody who speaks, answers and brings others climbs without it. What is not known
(None: nobody told us about messages, say) counts as not met and is said to be unknown.

One rule, two readings: `standing` for one person in Python, `with_rungs` for all in Ibis; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tiefen.insight.expressions import ibis, ir

NONE = "none"
"""Known by a page view or an import, but not in reach and never bought."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`number` is at least (or, with `most`, at most) `bound`. `{}` in the words is the person's own number."""

    number: str
    bound: int
    zh: str
    en: str
    most: bool = False

    def met(self, value: int | None) -> bool:
        if value is None:
            return False
        return value <= self.bound if self.most else value >= self.bound

    def holds(self, value: ir.IntegerValue) -> ir.BooleanValue:
        """`met`, for all."""
        held = value <= self.bound if self.most else value >= self.bound
        return held.fill_null(False)

    @property
    def wanted(self) -> tuple[str, str]:
        sign = "≤" if self.most else "≥"
        return f"（要 {sign} {self.bound}）", f" (wanted {sign} {self.bound})"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder."""

    key: str
    zh: str
    en: str
    some_of: tuple[Condition, ...]
    enough: int = 1
    all_of: tuple[Condition, ...] = ()


NUMBERS = (
    "orders", "groups_in", "contacts", "active_days_90d", "influence", "people_brought", "days_known", "silent_days",
)  # fmt: skip
"""What the rules look at: integers, or None where unknown."""


def _orders(bound: int) -> Condition:
    return Condition("orders", bound, "买过 {} 单", "{} orders")


def _speaks(bound: int) -> Condition:
    return Condition("active_days_90d", bound, "近 90 天有 {} 天发言", "spoke on {} of the last 90 days")


def _answered(bound: int) -> Condition:
    return Condition("influence", bound, "近 90 天有 {} 人回应", "{} people answered in the last 90 days")


def _brings(bound: int) -> Condition:
    return Condition("people_brought", bound, "带来 {} 人", "brought {} people")


def _seen(bound: int) -> Condition:
    return Condition("silent_days", bound, "距上次出现 {} 天", "last seen {} days ago", most=True)


_IN_GROUP = Condition("groups_in", 1, "在 {} 个群里", "in {} groups")
_CONTACT = Condition("contacts", 1, "是 {} 位员工的好友", "a contact of {} staff")
_KNOWN = Condition("days_known", 180, "认识 {} 天", "known for {} days")

LADDER: tuple[Rung, ...] = (
    Rung("customer", "顾客", "customer", (_orders(1), _IN_GROUP, _CONTACT)),
    Rung("user", "用户", "user", (_orders(1), _speaks(3), _brings(1)), all_of=(_seen(180),)),
    Rung("fan", "粉丝", "fan", (_orders(2), _speaks(8), _answered(5), _brings(1)), 2, (_seen(60),)),
    Rung("superfan", "铁粉", "superfan", (_orders(3), _speaks(16), _answered(10), _brings(2), _KNOWN), 3, (_seen(30),)),
)
"""From the lowest rung up."""
_ANY_OF = ("以下再满足 {} 项：", "and {} of these:")
RUNGS: tuple[str, ...] = (NONE, *(rung.key for rung in LADDER))


class Standing(NamedTuple):
    """Where somebody stands and why."""

    rung: str
    reasons: list[dict[str, str | bool]]
    """Of the rung they stand on, and empty for none: {zh, en, met}."""
    missing: list[dict[str, str]]
    """What keeps them from the next rung: {zh, en}; empty at the top."""


def standing(person: Mapping[str, int | None]) -> Standing:
    """The rung of one person, whose numbers are those of `NUMBERS`."""
    reached = 0
    while reached < len(LADDER) and _reached(LADDER[reached], person):
        reached += 1
    rung = LADDER[reached - 1] if reached else None
    beyond = LADDER[reached] if reached < len(LADDER) else None
    reasons = [_reason(c, person[c.number]) for c in (*rung.all_of, *rung.some_of)] if rung else []
    return Standing(rung.key if rung else NONE, reasons, _missing(beyond, person) if beyond else [])


def _reached(rung: Rung, person: Mapping[str, int | None]) -> bool:
    met = sum(c.met(person[c.number]) for c in rung.some_of)
    return met >= rung.enough and all(c.met(person[c.number]) for c in rung.all_of)


def _reason(condition: Condition, value: int | None) -> dict[str, str | bool]:
    zh, en = _words(condition, value)
    return {"zh": zh, "en": en, "met": condition.met(value)}


def _words(condition: Condition, value: int | None) -> tuple[str, str]:
    known = ("？", "?") if value is None else (str(value), str(value))
    return condition.zh.replace("{}", known[0]), condition.en.replace("{}", known[1])


def _missing(rung: Rung, person: Mapping[str, int | None]) -> list[dict[str, str]]:
    lacking = rung.enough - sum(c.met(person[c.number]) for c in rung.some_of)
    missing = _unmet(rung.all_of, person)
    if lacking > 0:
        zh, en = _ANY_OF
        missing.append({"zh": zh.replace("{}", str(lacking)), "en": en.replace("{}", str(lacking))})
        missing += _unmet(rung.some_of, person)
    return missing


def _unmet(conditions: tuple[Condition, ...], person: Mapping[str, int | None]) -> list[dict[str, str]]:
    unmet = [(c, *_words(c, person[c.number])) for c in conditions if not c.met(person[c.number])]
    return [{"zh": zh + c.wanted[0], "en": en + c.wanted[1]} for c, zh, en in unmet]


def with_rungs(people: ir.Table) -> ir.Table:
    """A table with the columns of `NUMBERS`, with `rung`, `rung_reasons` and `next_rung_missing` (JSON) added."""
    reached = [_all_reached(LADDER[: i + 1], people) for i in range(len(LADDER))]
    height = ibis.cases(*((reached[i], i + 1) for i in reversed(range(len(LADDER)))), else_=0)
    tall = people.mutate(height=height)
    return tall.mutate(
        rung=tall.height.cases(*enumerate(RUNGS), else_=None),
        rung_reasons=tall.height.cases(
            *((i + 1, _reasons_text(rung, tall)) for i, rung in enumerate(LADDER)), else_="[]"
        ),
        next_rung_missing=tall.height.cases(
            *((i, _missing_text(rung, tall)) for i, rung in enumerate(LADDER)), else_="[]"
        ),
    ).drop("height")


def _all_reached(rungs: tuple[Rung, ...], people: ir.Table) -> ir.BooleanValue:
    held = ibis.literal(True)
    for rung in rungs:
        held = held & (_met(rung.some_of, people) >= rung.enough)
        for condition in rung.all_of:
            held = held & condition.holds(people[condition.number])
    return held


def _reasons_text(rung: Rung, people: ir.Table) -> ir.StringValue:
    entries = []
    for condition in (*rung.all_of, *rung.some_of):
        value = people[condition.number]
        met = condition.holds(value).ifelse("true", "false")
        entries.append(_entry(condition, value, ("", "")) + ', "met": ' + met + "}")
    return "[" + _joined(entries) + "]"


def _missing_text(rung: Rung, people: ir.Table) -> ir.StringValue:
    lacking = rung.enough - _met(rung.some_of, people)
    text = _unmet_text(rung.all_of, people)
    any_of = '{"zh": "' + _spoken(_ANY_OF[0], lacking, "") + '", "en": "' + _spoken(_ANY_OF[1], lacking, "") + '"}'
    text = text + (lacking > 0).ifelse(", " + any_of + _unmet_text(rung.some_of, people), "")
    return "[" + text.substr(2) + "]"


def _unmet_text(conditions: tuple[Condition, ...], people: ir.Table) -> ir.StringValue:
    text = ibis.literal("")
    for condition in conditions:
        value = people[condition.number]
        entry = ", " + _entry(condition, value, condition.wanted) + "}"
        text = text + condition.holds(value).ifelse("", entry)
    return text


def _met(conditions: tuple[Condition, ...], people: ir.Table) -> ir.IntegerValue:
    met = ibis.literal(0)
    for condition in conditions:
        met = met + condition.holds(people[condition.number]).cast("int64")
    return met


def _entry(condition: Condition, value: ir.IntegerValue, after: tuple[str, str]) -> ir.StringValue:
    zh = _spoken(condition.zh, value, "？")
    en = _spoken(condition.en, value, "?")
    return '{"zh": "' + zh + f'{after[0]}", "en": "' + en + f'{after[1]}"'


def _spoken(words: str, value: ir.IntegerValue, unknown: str) -> ir.StringValue:
    before, after = words.split("{}")
    return before + value.cast("string").fill_null(unknown) + after


def _joined(entries: list[ir.StringValue]) -> ir.StringValue:
    text = entries[0]
    for entry in entries[1:]:
        text = text + ", " + entry
    return text
