"""How well the silence of real chats is told beforehand; and from where the shipped coefficients come.

`python -m tests.real.lives` learns them anew from the two public chats and writes `src/tiefen/insight/models/life/shipped.json`:
numbers, and no words or ids of the data.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tests.real.world import file_of
from tiefen.insight.models import life
from tiefen.insight.models.life.features import NAMES
from tiefen.insight.models.life.grid import Floats, Ints, Spoken, parts
from tiefen.insight.models.life.growth import CURVES, POINTS, grown
from tiefen.insight.models.life.hazard import WARN, WITHIN, Hazard, fit
from tiefen.insight.models.life.learning import learn
from tiefen.insight.models.life.silence import QUIET_DAYS, Watched, joined, watched

GITTER, LEAN = "chat_gitter", "chat_lean_timeline"
CUTS = {GITTER: date(2015, 12, 31), LEAN: date(2022, 12, 31)}
"""What is learned is known by the end of that day, what is told comes after it."""
FOLDS = 5
SHIPPED = Path(life.__file__).with_name("shipped.json")


@cache
def days_of(name: str) -> pa.Table:
    """(group, day, messages, speakers) of a chat, in UTC, without bots."""
    asked = f"""SELECT dense_rank() OVER (ORDER BY group_id) AS "group", CAST(ts AS DATE) AS day, count(*) AS messages,
        count(DISTINCT member_id) AS speakers FROM read_parquet('{file_of(name)}')
        WHERE NOT is_bot AND member_id IS NOT NULL GROUP BY group_id, CAST(ts AS DATE) ORDER BY 1, 2"""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.sql(asked).to_arrow_table()


@cache
def lines_of(name: str) -> Watched:
    """Every group on every seventh day on which it was at risk, over the whole time."""
    spoken = Spoken.of(days_of(name))
    return joined([watched(grid) for grid in parts(spoken, int(spoken.day.max()), None)])


def cut_of(name: str) -> int:
    return (CUTS[name] - date(1970, 1, 1)).days


@cache
def learned_from(*names: str, until_cut: bool = True) -> Hazard:
    """Coefficients of one or more chats together, as they could be known on the day of the cut, or at the end."""
    some = []
    for number, name in enumerate(names):
        one = lines_of(name)
        one = one.as_of(cut_of(name)) if until_cut else one
        some.append(replace(one, group=one.group + 1_000_000 * number))
    found = fit(joined(some))
    assert found is not None
    return found


@dataclass(frozen=True)
class Foretold:
    """Lines after the cut, each told by what knew neither its group nor its time."""

    lines: Watched
    chance: Floats
    """(line, 30 | 60 | 90 days)."""
    silent: Floats
    """The same by one logistic line through the days of silence."""
    volume: Floats
    """The same by one through the messages of the last 30 days."""

    def scores(self, chance: Floats, within: int) -> dict[str, float]:
        """AUC, Brier score, calibration slope, what was told on average and what came."""
        column = WITHIN.index(within)
        some, came = self.lines.within(within)
        p = np.clip(chance[some, column], 1e-6, 1 - 1e-6)
        slope = LogisticRegression(C=1e6).fit(np.log(p / (1 - p))[:, None], came).coef_[0, 0]
        return {
            "auc": float(roc_auc_score(came, p)), "brier": float(np.mean((p - came) ** 2)), "slope": float(slope),
            "told": float(p.mean()), "came": float(came.mean()), "lines": int(some.sum()),
            "groups": len(np.unique(self.lines.group[some])),
        }  # fmt: skip

    def ahead(self, of: Callable[[Foretold], Floats]) -> float:
        """How much better the AUC within 30 days is than that of another way to tell, at least (2.5 % of resampled groups)."""
        some, came = self.lines.within(30)
        ours, theirs, group = self.chance[some, 0], of(self)[some, 0], self.lines.group[some]
        lots = np.random.default_rng(7)
        each = [np.flatnonzero(group == one) for one in np.unique(group)]
        found = []
        for _ in range(300):
            drawn = np.concatenate([each[i] for i in lots.integers(len(each), size=len(each))])
            if 0 < came[drawn].sum() < len(drawn):
                found.append(roc_auc_score(came[drawn], ours[drawn]) - roc_auc_score(came[drawn], theirs[drawn]))
        return float(np.quantile(found, 0.025))


@cache
def foretold(name: str) -> Foretold:
    """As a brand would have it on the day of the cut: shipped coefficients (here of the other chat alone), its own groups
    so far (without those that are told), and nothing of what came after. Every group is among those held out once."""
    (other,) = {GITTER, LEAN} - {name}
    prior, cut = learned_from(other), cut_of(name)
    every = lines_of(name)
    late = every.where(every.day > cut)
    ours, silent, volume = (np.zeros((len(late), len(WITHIN))) for _ in range(3))
    for fold in range(FOLDS):
        told = _fold(late.group) == fold
        seen = every.where(_fold(every.group) != fold).as_of(cut)
        hazard, why = learn(seen, cut, prior)
        assert why is None
        ours[told] = hazard.within(late.x[told])
        for column, days in enumerate(WITHIN):
            known, came = seen.within(days)
            for baseline, feature in ((silent, "silent"), (volume, "messages_30d")):
                one = [NAMES.index(feature)]
                line = LogisticRegression(C=100).fit(seen.x[known][:, one], came)
                baseline[told, column] = line.predict_proba(late.x[told][:, one])[:, 1]
    return Foretold(late, ours, silent, volume)


def _fold(group: Ints) -> Ints:
    folds: Ints = group * 7919 % FOLDS
    return folds


def notice(some: Foretold, chance: Floats, line: float) -> dict[str, float]:
    """Of the silences after the cut that lasted 90 days or more: days between the first look from which on the chance
    stayed at the line or above, and the last word; and the share of looks at groups without a silence in 90 days that
    stood above the line. Fewer than nothing: so long after the last word."""
    lines, told = some.lines, chance[:, 0]
    known = lines.known >= 90
    calm = known & (lines.fell > 90)
    days = []
    for group in np.unique(lines.group):
        mine = np.flatnonzero(lines.group == group)
        for silence in np.unique((lines.day[mine] + lines.fell[mine])[np.isfinite(lines.fell[mine])]):
            woken = (lines.day[mine] > silence + QUIET_DAYS) & (lines.day[mine] <= silence + 90)
            if woken.any() or silence + 90 > lines.day.max():
                continue
            before = mine[(lines.day[mine] + lines.fell[mine] == silence) & (lines.day[mine] < silence + QUIET_DAYS)]
            quiet = np.flatnonzero(told[before] < line)
            first = before[quiet[-1] + 1 :] if len(quiet) else before
            days.append(silence - lines.day[first[0]] if len(first) else -QUIET_DAYS)
    return {
        "silences": len(days), "median_days": float(np.median(days)), "warned_before": float(np.mean(np.array(days) > 0)),
        "false": float((told[calm] >= line).mean()),
    }  # fmt: skip


def line_with(some: Foretold, chance: Floats, false: float) -> float:
    """The line at which another way to tell warns as often for nothing."""
    calm = (some.lines.known >= 90) & (some.lines.fell > 90)
    return float(np.quantile(chance[calm, 0], 1 - false))


@cache
def arrivals_of(name: str) -> tuple[Floats, Ints]:
    """(group, point): how many had ever spoken, at equal steps of each group's time up to its last word; and its days."""
    asked = f"""SELECT dense_rank() OVER (ORDER BY group_id) AS "group", first, max(last) OVER (PARTITION BY group_id) AS last
        FROM (SELECT group_id, member_id, epoch(min(ts)) / 86400 AS first, epoch(max(ts)) / 86400 AS last
            FROM read_parquet('{file_of(name)}') WHERE NOT is_bot AND member_id IS NOT NULL GROUP BY 1, 2)"""
    with duckdb.connect() as connection:
        rows = connection.sql(asked).to_arrow_table()
    group, first, last = (rows[column].to_numpy() for column in ("group", "first", "last"))
    arrived, age = [], []
    for one in np.unique(group):
        came = np.sort(first[group == one])
        days = float(last[group == one][0] - came[0]) + 1
        steps = came[0] + days * np.arange(1, POINTS + 1) / POINTS
        arrived.append(np.searchsorted(came, steps, "right"))
        age.append(int(days))
    return np.array(arrived, np.float64), np.array(age)


def figures() -> dict[str, Any]:
    """Everything docs/science.md says of this."""
    told: dict[str, Any] = {}
    for name in (GITTER, LEAN):
        some = foretold(name)
        for label, chance in (("ours", some.chance), ("silent", some.silent), ("volume", some.volume)):
            for days in WITHIN:
                told[f"{name} {label} {days}"] = {k: round(v, 4) for k, v in some.scores(chance, days).items()}
        ours = notice(some, some.chance, WARN)
        told[f"{name} notice ours"] = ours
        for label, chance in (("silent", some.silent), ("volume", some.volume)):
            told[f"{name} notice {label}"] = notice(some, chance, line_with(some, chance, ours["false"]))
        grew = grown(*arrivals_of(name))
        known = grew.curve >= 0
        told[f"{name} growth"] = {
            "groups": int(known.sum()), "chosen": float(np.median(grew.error[known])),
            **dict(zip(CURVES, np.median(grew.errors[known], axis=0).tolist(), strict=True)),
        }  # fmt: skip
        told[f"{name} ahead"] = (some.ahead(lambda s: s.silent), some.ahead(lambda s: s.volume))
    return told


if __name__ == "__main__":
    numbers = learned_from(GITTER, LEAN, until_cut=False).numbers()
    told_of = {
        "of": "two public chats, freeCodeCamp on Gitter (2014-2016) and Lean on Zulip (2018-2026): group-days, no words, no ids",
        "made_by": "python -m tests.real.lives",
    }
    SHIPPED.write_text(json.dumps({**told_of, **numbers}, indent=1) + "\n", "utf-8")
    for what, found in figures().items():
        print(what, found)  # noqa: T201
