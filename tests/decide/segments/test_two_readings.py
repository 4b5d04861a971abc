"""What a rule says of one person in Python, Ibis says of all, to the microsecond; and nothing turns before its time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.decide.segments.worlds import HOUR, LEAVES, NOW, World, example_of, rules, worlds
from tiefen.decide.segments.person import seen_by
from tiefen.decide.segments.predicates import PREDICATES, InSegment, Predicate
from tiefen.decide.segments.predicates.base import AHEAD_US, Verdict
from tiefen.decide.segments.rule import AllOf, AnyOf, Rule, held, judge, judged, kinds_of, parts
from tiefen.decide.segments.scene import Scene
from tiefen.insight.engine import opened
from tiefen.kit.settings import Settings

_HASTE = settings(
    deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.reuse, Phase.generate)
)


LATE = NOW + 100_000 * HOUR


def both(world: World, rule: Rule, tmp_path: Path) -> None:
    """Every part of a rule for everybody, read both ways, and in Python at other times too."""
    with opened(world.snapshot, Settings(data=tmp_path)) as t:
        scene = Scene(t, NOW, world.known)
        everybody, flags = held(rule, scene)
        told = zip(*(column.tolist() for column in judged(rule, scene)), strict=True)
        whole = {person: Verdict(holds, until) for person, holds, until in told}
        people = seen_by(t, world.known, kinds_of(rule))
    rows = {
        person: {place: bool(some[n]) for place, some in flags.items()} for n, person in enumerate(everybody.tolist())
    }
    assert set(rows) == set(whole) == {number for number, one in people.items() if one.counts}
    for number, one in people.items():
        if not one.counts:
            assert judge(rule, one, NOW).holds is False
            continue
        assert _near(whole[number]) == _near(judge(rule, one, NOW)), number
        for place, part in parts(rule):
            verdict = judge(part, one, NOW)
            assert rows[number][place] is verdict.holds, (number, part)
            assert verdict.until > NOW, (number, part)
            for later in (NOW + 1, NOW + 12 * HOUR, NOW + 71 * HOUR, NOW + 600 * HOUR, min(verdict.until, LATE) - 1):
                if NOW < later < verdict.until:
                    assert judge(part, one, later).holds == verdict.holds, (number, part, later)


def _near(verdict: Verdict) -> Verdict:
    """A verdict as far as it is asked of all."""
    return Verdict(verdict.holds, min(verdict.until, NOW + AHEAD_US + 1))


def check(rule: Rule, tmp_path: Path, examples: int) -> None:
    """One rule, and many worlds: its expression is made once."""

    @given(world=worlds())
    @settings(_HASTE, max_examples=examples)
    def agree(world: World) -> None:
        both(world, rule, tmp_path)

    agree()


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__struct_config__.tag)
def test_every_kind_of_condition_reads_the_same_both_ways(kind: type[Predicate], tmp_path: Path) -> None:
    some = [example_of(LEAVES[kind], seed) for seed in range(6)]

    check(AllOf(rules=tuple(some)), tmp_path, 12)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_both_readings_of_a_nested_rule_agree_on_who_is_in_and_until_when(seed: int, tmp_path: Path) -> None:
    check(AllOf(rules=tuple(example_of(rules(), seed * 10 + n) for n in range(4))), tmp_path, 12)


def test_both_readings_agree(tmp_path: Path) -> None:
    """A short look at every kind of condition at once; the long one is marked long."""
    check(AnyOf(rules=tuple(example_of(one, 1) for one in LEAVES.values())), tmp_path, 4)


def test_no_kind_of_condition_is_left_out() -> None:
    assert set(LEAVES) == set(PREDICATES) - {InSegment}
