"""成效 — what an experiment changed: everybody who was put into an arm, whether or not anything reached them, against those kept from it.

People count where they were drawn (intention to treat): whoever was refused by the gate or never opened anything stays in their arm,
since leaving them out would compare the willing with everybody. What they do counts from when they were drawn, for the window of the
experiment. In an experiment by groups whoever was in a group when it was drawn counts, once: in the first of its groups they came to.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.kernels.forest import forest
from tiefen.kit.clock import DAY_US
from tiefen.outcome.measures import MEASURES, Measure
from tiefen.outcome.stats import (
    LEVEL,
    Estimate,
    Interval,
    Sample,
    always_p,
    always_valid,
    difference,
    holm,
    least_effect,
    proportions,
    sample_ratio,
    together,
    verdict,
)

HOLDOUT = "holdout"
ALL = "*"
"""All arms that got something, together."""
BEFORE_DAYS = 90
"""So far back the past of everybody is looked at."""
ONGOING_UNITS = 5_000
"""An experiment that people keep coming into is shortest in its intervals when so many have been seen."""
MOST_LOOKS = 40
FEW = 100
"""With fewer people than this in an arm who did anything, the variance of both arms is taken together."""
Numbers = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What was meant, as `ledger.schema.experiments` has it."""

    experiment_id: str
    unit: str
    shares: Mapping[str, float]
    """The share of all that each arm was to get."""
    window_days: int
    began_us: int
    ongoing: bool = False
    """Whether people keep coming into it, as into a journey."""


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """Who is in an arm."""

    arm: str
    units: int
    people: int
    meant: float | None
    """How many units it was to have."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What could have been said at a moment."""

    us: int
    effect: float
    low: float | None
    high: float | None
    always_low: float | None
    always_high: float | None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One arm against another, a head. None where nothing can be said."""

    arm: str
    versus: str
    effect: float | None
    low: float | None
    high: float | None
    """Right for one look settled beforehand."""
    always_low: float | None
    always_high: float | None
    """Right however often one looks."""
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    p: float | None
    verdict: str
    """better, worse, cannot_tell, too_few (`outcome.stats.verdicts`): by the interval for every look, and `many_p` where there is one."""
    total: float | None
    """The effect times the people of the arm: what it changed altogether."""
    total_low: float | None
    total_high: float | None
    variance_cut: float
    least: float | None
    """The smallest effect that so many people would show four times in five."""
    looks: tuple[Look, ...] = ()
    role: str = "further"
    """primary, guard or further: which of them are told apart at 5 % each, and which share 5 % among them."""
    always_p: float | None = None
    """Right however often one looks."""
    many_p: float | None = None
    """The same when all that share 5 % were looked at; None of the others."""


class ArmFigure(msgspec.Struct, frozen=True, kw_only=True):
    """What the people of an arm did."""

    arm: str
    sum: float
    people: int
    did: int
    """People (of a measure that is a share) or units with anything at all."""


def against_holdout(measured: Measured) -> Comparison | None:
    """Everybody who got something against those held out; None where nobody was held out."""
    found = {one.arm: one for one in measured.against if one.versus == HOLDOUT}
    return found.get(ALL) or next(iter(found.values()), None)


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One measure over all arms."""

    key: str
    arms: tuple[ArmFigure, ...]
    against: tuple[Comparison, ...]
    known: bool
    """False where nobody ever did it, in the window or before: there may be no such data at all."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything measured of an experiment."""

    experiment_id: str
    unit: str
    as_of_us: int
    through: int
    window_days: int
    arms: tuple[Arm, ...]
    ratio_p: float
    """How often chance alone would fill the arms so unevenly; below .01 something is wrong and nothing is to be trusted."""
    ratio_alarm: bool
    crossed: int
    """People who are in two arms, because two of their ids turned out to be one person's; left out."""
    mixed: int
    """People of an experiment by groups who are in groups of different arms; each counts in one."""
    progress: float
    """How much of what is to be seen has been seen: days of everybody in the window."""
    measures: tuple[Measured, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Who:
    """Everybody who counts: a row a person, and the unit (person, group, tree) that each belongs to."""

    person: Ints
    unit: Ints
    """Place of the unit among `arm`."""
    since_us: Ints
    arm: Ints
    """Of each unit: the place of its arm among `names`."""
    begins_us: Ints
    """Of each unit: when its first was drawn."""
    names: tuple[str, ...]
    crossed: int
    mixed: int

    @property
    def sizes(self) -> Numbers:
        return np.bincount(self.unit, minlength=len(self.arm)).astype(np.float64)


def measure(
    t: Tables, design: Design, *, measures: Sequence[Measure] = MEASURES, now_us: int | None = None, looks: bool = True
) -> Result:
    """Measure an experiment as of a moment (default: that of the tables)."""
    began = time.monotonic()
    now = t.snapshot.taken_us if now_us is None else now_us
    who = _who(t, design, now)
    units = {name: int((who.arm == at).sum()) for at, name in enumerate(who.names)}
    ratio = sample_ratio(units, design.shares) if design.shares else None
    seen = _progress(who, design, now)
    people = t.given(
        f"outcome_{design.experiment_id}",
        pa.table({"person": who.person, "unit": who.unit, "since_us": who.since_us}),
    )
    sizes = who.sizes
    acts = _acts(t, measures, people, design, now)
    measured = _together(
        measures, [_measured(one, acts[one.key], who, sizes, design, now, looks=looks) for one in measures]
    )
    arms = tuple(
        Arm(
            arm=name, units=units[name], people=int(sizes[who.arm == at].sum()),
            meant=ratio.meant.get(name) if ratio else None,
        )
        for at, name in enumerate(who.names)
    )  # fmt: skip
    return Result(
        experiment_id=design.experiment_id, unit=design.unit, as_of_us=now, through=t.snapshot.through,
        window_days=design.window_days, arms=arms, ratio_p=ratio.p if ratio else 1.0,
        ratio_alarm=ratio.alarm if ratio else False, crossed=who.crossed, mixed=who.mixed, progress=seen,
        measures=measured, seconds=time.monotonic() - began,
    )  # fmt: skip


# ---- who counts ----


def _who(t: Tables, design: Design, now_us: int) -> _Who:
    facts = t["arm_assigned"]
    facts = facts.filter(facts.experiment == design.experiment_id, facts.happened_us <= now_us)
    column = "group" if design.unit == "group" else "person"
    drawn = facts.filter(facts[column].notnull())
    drawn = drawn.group_by(drawn[column].name("unit")).agg(
        since_us=drawn.happened_us.min(), arm=drawn.arm.argmin(drawn.happened_us), arms=drawn.arm.nunique()
    )
    rows = t.arrow(drawn.order_by("unit"))
    crossed = int((rows["arms"].to_numpy() > 1).sum())
    rows = rows.filter(pa.array(rows["arms"].to_numpy() == 1))
    units, since = rows["unit"].to_numpy(), rows["since_us"].to_numpy()
    said = rows["arm"].to_pylist()
    names = tuple(sorted(set(said) | set(design.shares), key=lambda name: (name == HOLDOUT, name)))
    arm = np.array([names.index(one) for one in said], np.int64)
    match design.unit:
        case "group":
            person, unit, mixed = _members(t, units, since, arm)
            return _Who(person, unit, since[unit], arm, since, names, crossed, mixed)
        case "tree":
            return _by_tree(t, units, since, arm, names, crossed)
        case _:
            return _Who(units, np.arange(len(units)), since, arm, since, names, crossed, 0)


def _members(t: Tables, groups: Ints, since: Ints, arm: Ints) -> tuple[Ints, Ints, int]:
    """Whoever was in one of the groups when it was drawn, each in the first of them they came to; and how many are in several
    of different arms."""
    drawn = t.given(
        "outcome_groups", pa.table({"group": groups, "unit": np.arange(len(groups)), "at_us": since, "arm": arm})
    )
    stay, staff = t["stay"], t["person"].filter(t["person"].staff).select("person")
    there = stay.select("group", "person", "joined_us", "left_us").join(drawn, "group")
    there = there.filter(there.joined_us <= there.at_us, there.left_us.isnull() | (there.left_us > there.at_us))
    there = there.anti_join(staff, "person")
    first = ibis.window(group_by="person", order_by=["joined_us", "group"])
    there = there.mutate(
        place=ibis.row_number().over(first), apart=there.arm.nunique().over(ibis.window(group_by="person"))
    )
    each = there.filter(there.place == 0).select("person", "unit", arms="apart")
    rows = t.arrow(each.order_by("person"))
    return rows["person"].to_numpy(), rows["unit"].to_numpy(), int((rows["arms"].to_numpy() > 1).sum())


def _by_tree(t: Tables, people: Ints, since: Ints, arm: Ints, names: tuple[str, ...], crossed: int) -> _Who:
    """People by the tree they were in when drawn; who was drawn apart from their tree (it grew together later) is left out."""
    stay = t["stay"]
    first = (
        stay.filter(stay.join_known)
        .group_by("person")
        .agg(came_us=stay.joined_us.min(), inviter=stay.invited_by.argmin(stay.joined_us))
    )
    rows = t.arrow(first.mutate(inviter=first.inviter.fill_null(-1)).order_by("person"))
    f = forest(*(rows[name].to_numpy() for name in ("person", "inviter", "came_us")))
    root_of = dict(zip(f.person.tolist(), f.person[f.root].tolist(), strict=True)) if len(f) else {}
    roots = np.array([root_of.get(one, one) for one in people.tolist()], np.int64)
    trees, unit = np.unique(roots, return_inverse=True)
    arms, begins = np.full(len(trees), -1, np.int64), np.full(len(trees), np.iinfo(np.int64).max)
    order = np.argsort(since, kind="stable")[::-1]
    arms[unit[order]] = arm[order]  # the earliest is written last
    np.minimum.at(begins, unit, since)
    same = arms[unit] == arm
    return _Who(people[same], unit[same], since[same], arms, begins, names, crossed + int((~same).sum()), 0)


def _progress(who: _Who, design: Design, now_us: int) -> float:
    window = design.window_days * DAY_US
    seen = float(np.clip(now_us - who.begins_us, 0, window).sum()) / window
    planned = ONGOING_UNITS if design.ongoing else len(who.arm)
    return seen / planned if planned else 0.0


# ---- what they did ----


def _measured(
    one: Measure,
    acts: Mapping[str, npt.NDArray[Any]],
    who: _Who,
    sizes: Numbers,
    design: Design,
    now_us: int,
    *,
    looks: bool,
) -> Measured:
    person, unit, us, amount, after = (acts[name] for name in ("person", "unit", "us", "amount", "after"))
    now = _sums(one, len(who.arm), person[after], unit[after], amount[after])
    before = _sums(one, len(who.arm), person[~after], unit[~after], amount[~after])
    figures = []
    for at, name in enumerate(who.names):
        mine = who.arm == at
        figures.append(
            ArmFigure(
                arm=name, sum=float(now[mine].sum()), people=int(sizes[mine].sum()),
                did=int(now[mine].sum()) if one.kind == "share" else int((now[mine] != 0).sum()),
            )
        )  # fmt: skip
    known = len(person) > 0
    against = []
    for arm, versus, sides in _pairs(who):
        progress = _progress(who, design, now_us)
        found = _compare(one, now, before, sizes, sides, by_person=design.unit == "person")
        series: tuple[Look, ...] = ()
        if looks and known and found is not None:
            series = _looks(one, who, design, (person, unit, us, amount, after), before, sides, now_us)
        did = int(sum((now[side] != 0).sum() for side in sides))
        against.append(_comparison(arm, versus, one, found, progress, did, sizes, sides, series))
    return Measured(key=one.key, arms=tuple(figures), against=tuple(against), known=known)


def _together(measures: Sequence[Measure], measured: Sequence[Measured]) -> tuple[Measured, ...]:
    """The same once all of it was looked at. What the experiment is judged by keeps its 5 %: one measure of everybody who got
    something. Guard rails keep theirs each, since a false alarm there costs a look and a missed one costs people. All else
    that can be told at all, measure by arm, shares 5 % by Holm's rule."""
    roles = {
        (one.key, at): _role(one, found, at)
        for one, found in zip(measures, measured, strict=True)
        for at in range(len(found.against))
    }
    shared = [
        (found.key, at)
        for found in measured
        for at, against in enumerate(found.against)
        if roles[found.key, at] == "further" and found.known and against.verdict != "too_few"
    ]
    of = {(found.key, at): against for found in measured for at, against in enumerate(found.against)}
    corrected = dict(zip(shared, holm([_p(of[one]) for one in shared]), strict=True))
    return tuple(
        msgspec.structs.replace(
            found,
            against=tuple(
                _as_one_of_many(against, roles[found.key, at], corrected.get((found.key, at)))
                for at, against in enumerate(found.against)
            ),
        )
        for found in measured
    )


def _p(against: Comparison) -> float:
    return 1.0 if against.always_p is None else against.always_p


def _role(one: Measure, found: Measured, at: int) -> str:
    if one.guard:
        return "guard"
    # Of several variants without a holdout none is the one that was asked about.
    asked = at == 0 and (found.against[0].versus == HOLDOUT or len(found.against) == 1)
    return "primary" if one.primary and asked else "further"


def _as_one_of_many(against: Comparison, role: str, p: float | None) -> Comparison:
    told = against.verdict in ("better", "worse")
    verdict = "cannot_tell" if told and p is not None and p > 1 - LEVEL else against.verdict
    return msgspec.structs.replace(against, role=role, many_p=p, verdict=verdict)


def _acts(
    t: Tables, measures: Sequence[Measure], people: ir.Table, design: Design, now_us: int
) -> dict[str, dict[str, npt.NDArray[Any]]]:
    """By measure (person, unit, us, amount, after): what everybody did within their window, and in the time before.

    One question for all of them: to put it to the engine costs more than to answer it. Measures of the same acts share them.
    """
    sources = list(dict.fromkeys(one.acts for one in measures))
    every = (
        ibis.union(
            *(
                acts.select("person", "us", amount=acts.amount.cast("float64"), source=ibis.literal(at, "int64"))
                for at, acts in enumerate(source(t) for source in sources)
            )
        )
        if len(sources) > 1
        else sources[0](t).mutate(source=ibis.literal(0, "int64"))
    )
    every = every.filter(every.us < now_us)
    if not design.ongoing:
        every = every.filter(every.us >= design.began_us - BEFORE_DAYS * DAY_US)
    rows = every.join(people, "person")
    rows = rows.filter(
        rows.us >= rows.since_us - BEFORE_DAYS * DAY_US, rows.us < rows.since_us + design.window_days * DAY_US
    )
    rows = rows.select("source", "person", "unit", "us", "amount", after=rows.us >= rows.since_us)
    found = t.arrow(rows)
    columns = {name: found[name].to_numpy(zero_copy_only=False) for name in found.column_names}
    by_source = [
        {name: column[columns["source"] == at] for name, column in columns.items()} for at in range(len(sources))
    ]
    return {one.key: by_source[sources.index(one.acts)] for one in measures}


def _sums(one: Measure, units: int, person: Ints, unit: Ints, amount: Numbers) -> Numbers:
    if one.kind != "share":
        return np.bincount(unit, weights=amount, minlength=units).astype(np.float64)
    _, first = np.unique(person, return_index=True)
    return np.bincount(unit[first], minlength=units).astype(np.float64)


def _pairs(who: _Who) -> list[tuple[str, str, tuple[npt.NDArray[np.bool_], ...]]]:
    """Every arm against the holdout, all of them together too where there are several, and each against the first."""
    of = {name: who.arm == at for at, name in enumerate(who.names)}
    sent = [name for name in who.names if name != HOLDOUT]
    pairs = []
    if HOLDOUT in of:
        if len(sent) > 1:
            pairs.append((ALL, HOLDOUT, (~of[HOLDOUT], of[HOLDOUT])))
        pairs += [(name, HOLDOUT, (of[name], of[HOLDOUT])) for name in sent]
    return pairs + [(name, sent[0], (of[name], of[sent[0]])) for name in sent[1:]]


def _compare(
    one: Measure,
    now: Numbers,
    before: Numbers,
    sizes: Numbers,
    sides: tuple[npt.NDArray[np.bool_], ...],
    *,
    by_person: bool,
) -> Estimate | None:
    if by_person and one.kind == "share" and not one.past:
        ours, theirs = ((float(now[side].sum()), float(side.sum())) for side in sides)
        return proportions(ours, theirs)
    samples = [
        Sample(now[side], None if by_person else sizes[side], before[side] if one.past else None) for side in sides
    ]
    found = difference(*samples)
    if found is None:
        return None
    if by_person and one.kind == "share" and found.variance_cut < 0.05:
        # The past says nothing; then the interval that is right where few do it.
        ours, theirs = ((float(now[side].sum()), float(side.sum())) for side in sides)
        return proportions(ours, theirs)
    few = min(int((now[side] != 0).sum()) for side in sides) < FEW
    return together(found) if few and by_person else found


def _looks(
    one: Measure, who: _Who, design: Design, acts: tuple[Ints, Ints, Ints, Numbers, npt.NDArray[np.bool_]], before: Numbers,
    sides: tuple[npt.NDArray[np.bool_], ...], now_us: int,
) -> tuple[Look, ...]:  # fmt: skip
    """What could have been said at the end of each day, or of so many days evenly spread."""
    person, unit, us, amount, after = acts
    days = max(1, -(-(now_us - design.began_us) // DAY_US))
    ends = np.unique(np.linspace(1, days, min(days, MOST_LOOKS)).round().astype(np.int64)) * DAY_US + design.began_us
    since = who.begins_us
    found = []
    for end in np.minimum(ends, now_us).tolist():
        there = since < end
        some = after & (us < end) & there[unit]
        now = _sums(one, len(who.arm), person[some], unit[some], amount[some])
        sizes = who.sizes
        both = tuple(side & there for side in sides)
        estimate = _compare(one, now, before, sizes, both, by_person=design.unit == "person")
        if estimate is None:
            continue
        low, high = _ends(one, estimate.interval)
        always_low, always_high = _ends(one, always_valid(estimate, _progress(who, design, end)))
        found.append(
            Look(us=end, effect=estimate.effect, low=low, high=high, always_low=always_low, always_high=always_high)
        )
    return tuple(found)


def _comparison(
    arm: str, versus: str, one: Measure, found: Estimate | None, progress: float, did: int, sizes: Numbers,
    sides: tuple[npt.NDArray[np.bool_], ...], looks: tuple[Look, ...],
) -> Comparison:  # fmt: skip
    if found is None:
        return Comparison(
            arm=arm, versus=versus, effect=None, low=None, high=None, always_low=None, always_high=None, relative=None,
            relative_low=None, relative_high=None, p=None, verdict="too_few", total=None, total_low=None,
            total_high=None, variance_cut=0.0, least=None,
        )  # fmt: skip
    always = always_valid(found, progress)
    (low, high), (always_low, always_high) = _ends(one, found.interval), _ends(one, always)
    people = float(sizes[sides[0]].sum())
    relative = found.relative or Interval(float("nan"), float("nan"))
    variance = found.null_se**2 / (1 / found.treated_units + 1 / found.control_units)
    return Comparison(
        arm=arm, versus=versus, effect=found.effect, low=low, high=high, always_low=always_low, always_high=always_high,
        relative=found.effect / found.control if found.control > 0 else None,
        relative_low=_finite(relative.low), relative_high=_finite(relative.high), p=found.p,
        verdict=verdict(found, always, one.better, did=did), total=found.effect * people,
        total_low=None if low is None else low * people, total_high=None if high is None else high * people,
        variance_cut=found.variance_cut, least=least_effect(found.treated_units, found.control_units, variance),
        looks=looks, always_p=always_p(found, progress),
    )  # fmt: skip


def _ends(one: Measure, interval: Interval) -> tuple[float | None, float | None]:
    """The ends of an interval as they are shown: two shares are no more than the whole apart, however few were asked."""
    low, high = _finite(interval.low), _finite(interval.high)
    if one.kind != "share":
        return low, high
    return None if low is None else max(low, -1.0), None if high is None else min(high, 1.0)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def as_rows(result: Result) -> dict[str, Any]:
    """The result as plain JSON values."""
    return dict(msgspec.to_builtins(result))
