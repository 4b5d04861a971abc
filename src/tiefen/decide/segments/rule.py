"""A rule: conditions under all, any and not. One tree, two readings, and how the instants at which it may turn combine.

What holds because all of several hold is true until the first of them may turn; what fails, fails until the last of those that
fail may turn. Any is the same the other way round. So nothing has to be looked at again before its time.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Union

import msgspec

from tiefen.decide.segments.errors import BadRule, SegmentCycle
from tiefen.decide.segments.predicates import PREDICATES, InSegment, Predicate
from tiefen.decide.segments.predicates.base import NEVER, Calling, Sentence, Verdict
from tiefen.insight.expressions import ibis, ir

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene

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


class _Columns(msgspec.Struct):
    """Of a part of a rule, as expressions: whether it holds, and until when."""

    holds: Any
    until: Any


def judged(rule: Rule, scene: Scene) -> ir.Table:
    """(person, holds, until): `judge` of everybody."""
    return _told(rule, scene, every_part=False)


def held(rule: Rule, scene: Scene) -> ir.Table:
    """(person, h0, h1 …): whether every part of the rule holds now, numbered as in `parts`."""
    return _told(rule, scene, every_part=True)


_MOST_KEPT = 500
_made: OrderedDict[tuple[Any, ...], ir.Table] = OrderedDict()
_lock = threading.Lock()


def _told(rule: Rule, scene: Scene, *, every_part: bool) -> ir.Table:
    """To make the expression of a rule takes longer than to answer it about a small brand. It knows its tables by their names
    alone, so it is made once a day and used for every scene of the same shape, once what it needs was given to the scene."""
    key = (rule, every_part, scene.shape)
    with _lock:
        found = _made.get(key)
        if found is not None:
            _made.move_to_end(key)
    if found is not None:
        for _, one in leaves(rule):
            one.prepare(scene)
        return found
    wide, columns = _with_leaves(rule, scene, until=not every_part)
    if every_part:
        made = wide.select("person", **{f"h{n}": columns[place].holds for n, (place, _) in enumerate(parts(rule))})
    else:
        made = wide.select("person", holds=columns["$"].holds, until=columns["$"].until)
    with _lock:
        _made[key] = made
        while len(_made) > _MOST_KEPT:
            _made.popitem(last=False)
    return made


def _with_leaves(rule: Rule, scene: Scene, *, until: bool) -> tuple[ir.Table, dict[str, _Columns]]:
    wide = scene.everybody
    distinct: dict[Predicate, int] = {}
    never = ibis.literal(NEVER, "int64")
    for _, one in leaves(rule):
        if one not in distinct:
            number = distinct[one] = len(distinct)
            told = one.judged(scene) if until else one.held(scene).mutate(holds=ibis.literal(True), until=never)
            told = told.select("person", **{f"h{number}": told.holds, f"u{number}": told.until})
            wide = wide.left_join(told, "person").drop("person_right")
    columns: dict[str, _Columns] = {}

    def of(part: Rule, place: str) -> _Columns:
        match part:
            case AllOf(rules=rules):
                found = _all([of(one, f"{place}.rules[{n}]") for n, one in enumerate(rules)])
            case AnyOf(rules=rules):
                opposite = _all([_not(of(one, f"{place}.rules[{n}]")) for n, one in enumerate(rules)])
                found = _not(opposite)
            case Not(rule=inner):
                found = _not(of(inner, f"{place}.rule"))
            case _:
                assert isinstance(part, Predicate)
                number = distinct[part]
                found = _Columns(wide[f"h{number}"].fill_null(False), wide[f"u{number}"].fill_null(never))
        columns[place] = found
        return found

    of(rule, "$")
    return wide, columns


def _not(one: _Columns) -> _Columns:
    return _Columns(~one.holds, one.until)


def _all(some: Sequence[_Columns]) -> _Columns:
    if len(some) == 1:
        return some[0]
    holds = some[0].holds
    for one in some[1:]:
        holds = holds & one.holds
    first = ibis.least(*(one.until for one in some))
    last = ibis.greatest(*(one.holds.ifelse(ibis.literal(-NEVER, "int64"), one.until) for one in some))
    return _Columns(holds, holds.ifelse(first, last))


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
