"""What people did lately without any experiment: from this it is told beforehand how large an effect could be found at all."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from tiefen.insight.engine import Tables
from tiefen.kit.clock import DAY_US
from tiefen.outcome.measures import MEASURES, Measure
from tiefen.outcome.results import BEFORE_DAYS
from tiefen.outcome.stats.planning import POWER, least_effect, units_needed

PLANNED = ("money", "orders", "buyers", "activity", "leavers")


class Usual(msgspec.Struct, frozen=True, kw_only=True):
    """One measure, a head, over so many days."""

    key: str
    mean: float
    variance: float
    kept: float
    """What is left of the variance once the 90 days before are taken out (1 − r²)."""


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """All customers over the last days."""

    people: int
    days: int
    usual: tuple[Usual, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an experiment of so many people could find of one measure."""

    key: str
    mean: float
    least: float | None
    """The smallest effect a head that would be found."""
    least_share: float | None
    """The same as a share of the mean."""
    needed: int | None
    """How many people it takes to find an effect of `effect`; None without one."""


def baseline(t: Tables, now_us: int, days: int, measures: Sequence[Measure] = MEASURES) -> Baseline:
    """What everybody but staff did in the last days, whether anything or nothing."""
    person = t["person"]
    customers = person.filter(~person.staff)
    people = int(t.arrow(customers.agg(n=customers.count()))["n"][0].as_py())
    since, before = now_us - days * DAY_US, now_us - (days + BEFORE_DAYS) * DAY_US
    found = []
    for one in measures:
        if one.key not in PLANNED:
            continue
        acts = one.acts(t)
        acts = acts.filter(acts.us >= before, acts.us < now_us, acts.person.notnull())
        acts = acts.anti_join(person.filter(person.staff).select("person"), "person")
        rows = acts.mutate(late=acts.us >= since, amount=acts.amount.cast("float64"))
        rows = rows.group_by("person").agg(
            late=(rows.late.ifelse(rows.amount, 0.0)).sum(), early=(rows.late.ifelse(0.0, rows.amount)).sum(),
            late_times=rows.late.cast("int64").sum(),
        )  # fmt: skip
        table = t.arrow(rows)
        late, early, times = (table[name].to_numpy() for name in ("late", "early", "late_times"))
        if one.kind == "share":
            late, early = (times > 0).astype(np.float64), (early != 0).astype(np.float64)
        found.append(_usual(one, late, early, people))
    return Baseline(people=people, days=days, usual=tuple(found))


def plan(
    base: Baseline, units: int, holdout: float, *, effect: float | None = None, power: float = POWER
) -> tuple[Plan, ...]:
    """Of each measure the smallest effect that so many people would show, and how many an effect takes. `effect` is a share of the mean."""
    found = []
    for one in base.usual:
        least = least_effect(units * (1 - holdout), units * holdout, one.variance, kept=one.kept, power=power)
        needed = None
        if effect is not None and one.mean and one.variance:
            needed = units_needed(effect * one.mean, one.variance, holdout=holdout, kept=one.kept, power=power)
        found.append(
            Plan(
                key=one.key, mean=one.mean, least=least if one.variance else None,
                least_share=least / abs(one.mean) if least is not None and one.mean else None, needed=needed,
            )
        )  # fmt: skip
    return tuple(found)


def _usual(one: Measure, late: np.ndarray, early: np.ndarray, people: int) -> Usual:
    n = max(people, len(late), 1)
    mean, other = float(late.sum()) / n, float(early.sum()) / n
    variance = float((late**2).sum()) / n - mean**2
    spread = float((early**2).sum()) / n - other**2
    shared = float((late * early).sum()) / n - mean * other
    cut = shared**2 / (variance * spread) if one.past and variance > 0 and spread > 0 else 0.0
    return Usual(key=one.key, mean=mean, variance=max(variance, 0.0), kept=min(max(1 - cut, 0.0), 1.0))
