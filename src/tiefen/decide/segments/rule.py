"""A rule: conditions under all, any and not. One tree, two readings, and how the instants at which it may turn combine.

What holds because all of several hold is true until the first of them may turn; what fails, fails until the last of those that
fail may turn. Any is the same the other way round. So nothing has to be looked at again before its time.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Union

import msgspec
import numpy as np
import numpy.typing as npt

from tiefen.decide.segments.errors import BadRule, SegmentCycle
from tiefen.decide.segments.predicates import PREDICATES, InSegment, Predicate
from tiefen.decide.segments.predicates.base import NEVER, Calling, Sentence, Verdict
from tiefen.insight.expressions import ir

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MOST_DEEP, MOST_CONDITIONS, MOST_EXPANDED = 6, 50, 200


class AllOf(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="all"):
    """Every one of several holds."""

    rules: Annotated[tuple[Rule, ...], msgspec.Meta(min_length=1)]


class AnyOf(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="any"):
    """At least one of several holds."""

    rules: Annotated[tuple[Rule, ...], msgspec.Meta(min_length=1)]


class Not(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="not"):
    """Something does not hold."""

    rule: Rule


if TYPE_CHECKING:
    Rule = Union[AllOf, AnyOf, Not, Predicate]  # noqa: UP007
else:
    Rule = Union[(AllOf, AnyOf, Not, *PREDICATES)]

_decoder = msgspec.json.Decoder(Rule)
_encoder = msgspec.json.Encoder()
_PLACE = re.compile(r"^(?P<why>.*?)(?: - at `(?P<place>.*)`)?$", re.DOTALL)


def rule_of(given: Any) -> Rule:
    """A rule from JSON values, looked at with care; `BadRule` says what is wrong and where."""
    try:
        rule: Rule = msgspec.convert(given, Rule)
    except msgspec.ValidationError as error:
        raise _bad(error) from None
    except UnicodeEncodeError:
        raise BadRule("$", "it holds what no store can keep") from None
    except RecursionError:
        raise BadRule("$", f"it is nested deeper than {MOST_DEEP}") from None
    check(rule)
    return rule


def read_rule(text: str | bytes) -> Rule:
    """A rule as it was kept, which was looked at before."""
    try:
        rule: Rule = _decoder.decode(text)
    except msgspec.ValidationError as error:  # kept by a version that knew other kinds
        raise _bad(error) from None
    except msgspec.DecodeError as error:  # something in it was redacted
        raise BadRule("$", str(error)) from None
    return rule


def written(rule: Rule) -> str:
    return _encoder.encode(rule).decode()


def _bad(error: msgspec.ValidationError) -> BadRule:
    found = _PLACE.match(str(error))
    assert found is not None
    return BadRule(found["place"] or "$", found["why"])


def check(rule: Rule) -> None:
    """Refuse what is too deep, too large, or makes no sense."""
    conditions = 0
    for place, depth, one in _walk(rule, "$", 1):
        if depth > MOST_DEEP:
            raise BadRule(place, f"it is nested deeper than {MOST_DEEP}")
        if isinstance(one, Predicate):
            conditions += 1
            if conditions > MOST_CONDITIONS:
                raise BadRule(place, f"there are more than {MOST_CONDITIONS} conditions")
            if why := one.wrong():
                raise BadRule(place, why)
            for name in one.__struct_fields__:
                if not all(map(_keepable, _texts(getattr(one, name)))):
                    raise BadRule(f"{place}.{name}", "it holds what no store can keep")


def _keepable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)


def _walk(rule: Rule, place: str, depth: int) -> Iterator[tuple[str, int, Rule]]:
    yield place, depth, rule
    if depth > MOST_DEEP:
        return
    match rule:
        case AllOf(rules=rules) | AnyOf(rules=rules):
            for number, one in enumerate(rules):
                yield from _walk(one, f"{place}.rules[{number}]", depth + 1)
        case Not(rule=one):
            yield from _walk(one, f"{place}.rule", depth + 1)


def leaves(rule: Rule) -> list[tuple[str, Predicate]]:
    """The conditions of a rule and where they are, in order."""
    return [(place, one) for place, _, one in _walk_all(rule) if isinstance(one, Predicate)]


def _walk_all(rule: Rule, place: str = "$", depth: int = 1) -> Iterator[tuple[str, int, Rule]]:
    """Every part of a rule; those that stand for other segments may be deeper than one may write."""
    yield place, depth, rule
    match rule:
        case AllOf(rules=rules) | AnyOf(rules=rules):
            for number, one in enumerate(rules):
                yield from _walk_all(one, f"{place}.rules[{number}]", depth + 1)
        case Not(rule=one):
            yield from _walk_all(one, f"{place}.rule", depth + 1)


def parts(rule: Rule) -> list[tuple[str, Rule]]:
    """Every part of a rule and where it is."""
    return [(place, one) for place, _, one in _walk_all(rule)]


def kinds_of(rule: Rule) -> frozenset[str]:
    """The kinds of facts that may change the rule for somebody."""
    return frozenset(kind for _, one in leaves(rule) for kind in one.reacts_to())


def needs_of(rule: Rule) -> frozenset[str]:
    """What the rule looks at beyond facts and stays."""
    return frozenset(need for _, one in leaves(rule) for need in one.needs())


def mentions(rule: Rule) -> list[str]:
    """The other segments that a rule is made of."""
    return [one.segment for _, one in leaves(rule) if isinstance(one, InSegment)]


def expanded(rule: Rule, others: Callable[[str], Rule], within: tuple[str, ...] = ()) -> Rule:
    """The rule with other segments' rules in the place of their names; one that comes back to itself is refused."""

    def fill(one: Rule) -> Rule:
        match one:
            case AllOf(rules=rules):
                return AllOf(rules=tuple(map(fill, rules)))
            case AnyOf(rules=rules):
                return AnyOf(rules=tuple(map(fill, rules)))
            case Not(rule=inner):
                return Not(rule=fill(inner))
            case InSegment(segment=segment):
                if segment in within:
                    raise SegmentCycle(within[0], segment)
                return expanded(others(segment), others, (*within, segment))
            case _:
                return one

    whole = fill(rule)
    if len(leaves(whole)) > MOST_EXPANDED:
        raise BadRule("$", f"with the segments it is made of there are more than {MOST_EXPANDED} conditions")
    return whole


# ---- the reading for one person ----


def judge(rule: Rule, one: Seen, now_us: int) -> Verdict:
    """Whether somebody is meant, and the instant before which time alone does not change that."""
    if not one.counts:
        return Verdict(False, NEVER)
    return _judge(rule, lambda predicate: predicate.judge(one, now_us))


def _judge(rule: Rule, of: Callable[[Predicate], Verdict]) -> Verdict:
    match rule:
        case AllOf(rules=rules):
            verdicts = [_judge(r, of) for r in rules]
            failed = [v.until for v in verdicts if not v.holds]
            return Verdict(False, max(failed)) if failed else Verdict(True, min(v.until for v in verdicts))
        case AnyOf(rules=rules):
            verdicts = [_judge(r, of) for r in rules]
            held = [v.until for v in verdicts if v.holds]
            return Verdict(True, max(held)) if held else Verdict(False, min(v.until for v in verdicts))
        case Not(rule=inner):
            verdict = _judge(inner, of)
            return Verdict(not verdict.holds, verdict.until)
    assert isinstance(rule, Predicate)
    return of(rule)


# ---- the reading for all ----


class Judged(NamedTuple):
    """`judge` of everybody, in order of their numbers. What turns later than `AHEAD_US` from now may be said to turn at any later
    instant."""

    person: Numbers
    holds: Flags
    until: Numbers


class Held(NamedTuple):
    """Of everybody, in order of their numbers: whether every part of a rule holds now, by its place."""

    person: Numbers
    holds: dict[str, Flags]


def judged(rule: Rule, scene: Scene) -> Judged:
    everybody = _everybody(scene)

    def of(part: Rule) -> tuple[Flags, Numbers]:
        match part:
            case AllOf(rules=rules):
                return _all([of(one) for one in rules])
            case AnyOf(rules=rules):
                holds, until = _all([(~holds, until) for holds, until in map(of, rules)])
                return ~holds, until
            case Not(rule=inner):
                holds, until = of(inner)
                return ~holds, until
        assert isinstance(part, Predicate)
        return _verdicts(part, scene, everybody)

    return Judged(everybody, *of(rule))


def held(rule: Rule, scene: Scene) -> Held:
    everybody = _everybody(scene)
    found: dict[str, Flags] = {}

    def of(part: Rule, place: str) -> Flags:
        match part:
            case AllOf(rules=rules):
                holds: Flags = np.logical_and.reduce([of(one, f"{place}.rules[{n}]") for n, one in enumerate(rules)])
            case AnyOf(rules=rules):
                holds = np.logical_or.reduce([of(one, f"{place}.rules[{n}]") for n, one in enumerate(rules)])
            case Not(rule=inner):
                holds = ~of(inner, f"{place}.rule")
            case _:
                assert isinstance(part, Predicate)
                holds = _flags(part, scene, everybody)
        found[place] = holds
        return holds

    of(rule, "$")
    return Held(everybody, found)


def _all(some: list[tuple[Flags, Numbers]]) -> tuple[Flags, Numbers]:
    holds: Flags = np.logical_and.reduce([one for one, _ in some])
    first: Numbers = np.minimum.reduce([until for _, until in some])
    last: Numbers = np.maximum.reduce([np.where(one, -NEVER, until) for one, until in some])
    return holds, np.where(holds, first, last)


def _everybody(scene: Scene) -> Numbers:
    return scene.told.of("everybody", lambda: np.sort(scene.t.arrow(scene.everybody)["person"].to_numpy()))


def _flags(one: Predicate, scene: Scene, everybody: Numbers) -> Flags:
    def ask() -> Flags:
        some = scene.t.arrow(_asked(one, scene, until=False))["person"].to_numpy()
        return np.isin(everybody, some, invert=one.opposite)

    return scene.told.of((one, False), ask)


def _verdicts(one: Predicate, scene: Scene, everybody: Numbers) -> tuple[Flags, Numbers]:
    def ask() -> npt.NDArray[Any]:
        rows = scene.t.arrow(_asked(one, scene, until=True))
        person, until = (rows[name].to_numpy() for name in ("person", "until"))
        holds = rows["holds"].to_numpy().astype(bool)
        order = np.argsort(person)
        order = order[np.isin(person[order], everybody)]
        there = np.isin(everybody, person)
        # The sign says whether it holds: no instant until which something does is before 1970.
        told = np.full(len(everybody), -NEVER, np.int64)
        told[there] = np.where(holds, until, -until)[order]
        return told

    told = scene.told.of((one, True), ask)
    holds = told > 0
    return (~holds if one.opposite else holds), np.abs(told)


_MOST_KEPT = 2_000
_made: OrderedDict[tuple[Any, ...], ir.Table] = OrderedDict()
_lock = threading.Lock()


def _asked(one: Predicate, scene: Scene, *, until: bool) -> ir.Table:
    """To make the expression of a condition takes longer than to answer it about a small brand. It knows its tables by their names
    alone, so it is made once a day and used for every scene of the same shape, once what it needs was given to the scene."""
    key = (one, until, scene.shape)
    with _lock:
        found = _made.get(key)
        if found is not None:
            _made.move_to_end(key)
    if found is not None:
        one.prepare(scene)
        return found
    made = one.judged(scene).select("person", "holds", "until") if until else one.held(scene).select("person")
    with _lock:
        _made[key] = made
        while len(_made) > _MOST_KEPT:
            _made.popitem(last=False)
    return made


# ---- in words ----


def said(rule: Rule, called: Calling) -> Sentence:
    """The rule in words, both languages."""
    match rule:
        case AllOf(rules=rules):
            return _joined([said(one, called) for one in rules], "，且", " and ", rules)
        case AnyOf(rules=rules):
            return _joined([said(one, called) for one in rules], "，或", " or ", rules)
        case Not(rule=inner):
            zh, en = said(inner, called)
            return f"不是（{zh}）", f"not ({en})"
    assert isinstance(rule, Predicate)
    return rule.said(called)


def _joined(some: list[Sentence], zh: str, en: str, rules: tuple[Rule, ...]) -> Sentence:
    def each(side: int) -> list[str]:
        marks = ("（", "）") if side == 0 else ("(", ")")
        return [
            f"{marks[0]}{one[side]}{marks[1]}" if isinstance(rule, (AllOf, AnyOf)) and len(some) > 1 else one[side]
            for one, rule in zip(some, rules, strict=True)
        ]

    return zh.join(each(0)), en.join(each(1))


def fields_of(predicate: type[Predicate]) -> list[dict[str, Any]]:
    """The values of a kind, for whoever builds a rule: {name, widget, zh, en, optional, default, …bounds}."""
    told = msgspec.json.schema(predicate)
    reference = told.get("$ref", "").rpartition("/")[2]
    properties = (told["$defs"][reference] if reference else told)["properties"]
    found = []
    for name in predicate.__struct_fields__:
        field = properties[name]
        optional = "anyOf" in field
        asked = next((one for one in field.get("anyOf", ()) if "widget" in one), field)
        kept = {
            key: asked[key]
            for key in ("widget", "zh", "en", "options", "minimum", "maximum", "maxLength")
            if key in asked
        }
        more = {"default": field["default"]} if "default" in field else {}
        found.append({"name": name, "optional": optional, **kept, **more})
    return found


def kind_of(predicate: type[Predicate]) -> str:
    """The name of a kind, as it is written in a rule."""
    tag = predicate.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


__all__ = [
    "AllOf",
    "AnyOf",
    "Held",
    "Judged",
    "Not",
    "Rule",
    "check",
    "expanded",
    "fields_of",
    "held",
    "judge",
    "judged",
    "kind_of",
    "kinds_of",
    "leaves",
    "mentions",
    "needs_of",
    "parts",
    "read_rule",
    "rule_of",
    "said",
    "written",
]
