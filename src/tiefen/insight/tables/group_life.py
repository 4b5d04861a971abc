"""Every group's life: its stage and since when, the stages before, whether it will fall silent and why, and how it grows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.kernels.life import STAGES, Days, Weeks, courses, life_of
from tiefen.insight.models.life.course import SHOWN_WEEKS, Risks, driver, risks
from tiefen.insight.models.life.grid import Floats, Ints, Spoken, parts
from tiefen.insight.models.life.growth import CURVES, POINTS, Growth, grown
from tiefen.insight.models.life.hazard import USED, Hazard, shipped
from tiefen.insight.models.life.learning import learn, lines, save
from tiefen.insight.models.life.silence import QUIET_DAYS
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window
from tiefen.kit.clock import day_of, to_us

_EPOCH = date(1970, 1, 1)
_A_WEEKS = 4
"""Weeks between two looks at the stage of a group of which only memberships are known."""
_SOME = 2_000
"""Groups whose stages are told at a time."""

SCHEMA = pa.schema([
    ("group", pa.int64()),
    ("stage", pa.string()),
    ("since", pa.date32()),            # to the week (B) or to four weeks (A); null where that is longer ago than is kept
    ("stages", pa.string()),           # JSON [{stage, start, end}], the newest last
    ("p_silence_30", pa.float64()),    # null where it cannot be told; `fallback` says why
    ("p_silence_60", pa.float64()),
    ("p_silence_90", pa.float64()),
    ("drivers", pa.string()),          # JSON [{key, n, push, zh, en}], the strongest first
    ("warned_on", pa.date32()),        # since when the chance within 30 days stands at one in three or above, to the week
    ("silent_since", pa.date32()),     # the first day of the present silence, where it is one
    ("risk", pa.list_(pa.float64())),  # the chance within 30 days at the end of each week, the newest last
    ("growth", pa.string()),           # JSON {by, error, limit, ahead_30, ahead_90, now}; null where too little is known
    ("grade", pa.string()),
    ("learned_from", pa.string()),     # own, shipped
    ("fallback", pa.string()),         # a key of `learning.FALLBACKS`; null where nothing had to give way
])  # fmt: skip


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    end = (w.end - _EPOCH).days
    days = made["group_days"]
    spoken = Spoken.of(days).until(end)
    hazard, why = _learned(t, spoken, end)
    known = t.arrow(t["group"].select("group", "dismissed_at").order_by("group")).to_pylist()
    gone = {row["group"]: on for row in known if (on := _dismissed(t, w, row["dismissed_at"])) is not None}
    told = _risks(spoken, end, hazard)
    stages = dict(_stages(spoken, days, w, [row["group"] for row in known], gone))
    growing = _growing(days, end)
    rows = [_row(row["group"], w, told, stages, growing, gone, hazard, why) for row in known]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _learned(t: Tables, spoken: Spoken, end: int) -> tuple[Hazard, str | None]:
    path = t.silence_path
    hazard, why = learn(lines(spoken, end), end)
    if why is None:
        save(hazard, path)
    else:
        path.unlink(missing_ok=True)
        hazard = shipped()
    return hazard, why


def _dismissed(t: Tables, w: Window, at: Any) -> date | None:
    if at is None or to_us(at) > t.end_us(w):
        return None
    return day_of(to_us(at), t.time_zone)


def _risks(spoken: Spoken, end: int, hazard: Hazard) -> dict[int, tuple[Risks, int]]:
    found: dict[int, tuple[Risks, int]] = {}
    for grid in parts(spoken, end):
        some = risks(grid, hazard)
        found.update((group, (some, place)) for place, group in enumerate(some.groups.tolist()))
    return found


def _row(
    group: int, w: Window, told: dict[int, tuple[Risks, int]], stages: dict[int, list[dict[str, Any]]],
    growing: dict[int, dict[str, Any]], gone: dict[int, date], hazard: Hazard, why: str | None,
) -> dict[str, Any]:  # fmt: skip
    past = stages[group]
    row: dict[str, Any] = {
        "group": group, "stage": past[-1]["stage"], "since": past[-1]["start"],
        "stages": json.dumps(past, default=str), "drivers": "[]", "learned_from": hazard.learned_from, "fallback": why,
        "grade": "B" if group in told else "A", "growth": json.dumps(growing[group]) if group in growing else None,
    }  # fmt: skip
    if group not in told:
        return row | {"fallback": "no_messages"}
    some, at = told[group]
    row["risk"] = [None if np.isnan(p) else round(p, 4) for p in some.weekly[at, ::-1].tolist()]
    if (weeks := int(some.warned_weeks[at])) >= 0:
        row["warned_on"] = w.end - timedelta(days=7 * weeks)
    silent = int(some.silent[at])
    if silent >= QUIET_DAYS:
        row["silent_since"] = w.end - timedelta(days=silent - 1)
    if group in gone:
        return row | {"fallback": "dismissed"}
    if silent >= QUIET_DAYS:
        return row | {"fallback": "silent_already"}
    row["p_silence_30"], row["p_silence_60"], row["p_silence_90"] = some.now[at].tolist()
    reasons = [driver(*one) for one in zip(USED, some.numbers[at].tolist(), some.pushes[at].tolist(), strict=True)]
    reasons.sort(key=lambda reason: -abs(float(str(reason["push"]))))
    return row | {"drivers": json.dumps(reasons, ensure_ascii=False)}


# ---- stages ----


def _stages(
    spoken: Spoken, days: pa.Table, w: Window, groups: list[int], gone: dict[int, date]
) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """(group, its stages with first and last day, the newest last)."""
    end = (w.end - _EPOCH).days
    heard, row = np.unique(spoken.group, return_inverse=True)
    seen = set(heard.tolist())
    for first in range(0, len(heard), _SOME):
        mine = (row >= first) & (row < first + _SOME)
        some = heard[first : first + _SOME]
        weeks = Weeks.of(row[mine] - first, end - spoken.day[mine], spoken.messages[mine], len(some))
        for group, stage in zip(some.tolist(), courses(weeks), strict=True):
            newest = stage[: 2 * SHOWN_WEEKS]
            yield group, _closed(_runs(newest[newest >= 0], w.end, 7), gone.get(group), w)
    quiet = {group: one for group, one in _members(days, end) if group not in seen}
    for group in groups:
        if group in seen:
            continue
        if group not in quiet:
            yield group, _closed([{"stage": "introduction", "start": None, "end": w.end}], gone.get(group), w)
            continue
        yield group, _closed(_runs(_stages_by_members(quiet[group]), w.end, 7 * _A_WEEKS), gone.get(group), w)


def _stages_by_members(days: Days) -> Ints:
    """The stages of a group of which only comings and goings are known, every few weeks, the newest first."""
    found = []
    for back in range(0, 7 * SHOWN_WEEKS, 7 * _A_WEEKS):
        some = days.ago >= back
        if not some.any():
            break
        life = life_of(Days(days.ago[some] - back, days.messages[some], days.members[some]))
        found.append(STAGES.index(life.stage))
    return np.array(found, np.int64)


def _runs(stage: Ints, end: date, every: int) -> list[dict[str, Any]]:
    """Stages, newest first, as stretches of days, newest last."""
    if not len(stage):
        return [{"stage": "introduction", "start": None, "end": end}]
    starts = np.flatnonzero(np.r_[True, stage[1:] != stage[:-1]]).tolist()
    runs = []
    for begin, after in zip(starts, [*starts[1:], len(stage)], strict=True):
        first = end - timedelta(days=every * after - 1)
        runs.append({"stage": STAGES[stage[begin]], "start": first, "end": end - timedelta(days=every * begin)})
    return runs[::-1]


def _closed(runs: list[dict[str, Any]], dismissed: date | None, w: Window) -> list[dict[str, Any]]:
    if dismissed is None:
        return runs
    kept = [run for run in runs if run["start"] is None or run["start"] < dismissed]
    for run in kept[-1:]:
        run["end"] = min(run["end"], dismissed - timedelta(days=1))
    return [*kept, {"stage": "dormant", "start": dismissed, "end": w.end}]


def _members(days: pa.Table, end: int) -> Iterator[tuple[int, Days]]:
    for group, rows in _by_group(days):
        day = rows["day"].cast(pa.int32()).to_numpy().astype(np.int64)
        members, messages = (rows[name].to_numpy().astype(np.int64) for name in ("members", "messages"))
        if not messages.any():
            yield group, Days(np.maximum(end - day, 0), messages, members)


def _by_group(days: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each group; `days` is sorted by group."""
    group = days["group"].to_numpy()
    if not len(group):
        return
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]]).tolist()
    for begin, after in zip(starts, [*starts[1:], len(group)], strict=True):
        yield int(group[begin]), days.slice(begin, after - begin)


# ---- growth ----


def _growing(days: pa.Table, end: int) -> dict[int, dict[str, Any]]:
    """Of each group of which comings and goings are known long enough: the curve of its arrivals."""
    if not days.num_rows:
        return {}
    group = days["group"].to_numpy()
    day = np.minimum(days["day"].cast(pa.int32()).to_numpy().astype(np.int64), end)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    rows = np.diff(np.append(starts, len(group)))
    arrived = _arrived(days, starts, rows)
    age = end - day[starts] + 1
    # The last row of each group at or before each of its points in time, by one search over all of them.
    row = np.repeat(np.arange(len(starts)), rows)
    wide = int(age.max()) + 2
    place = row * wide + (day - np.repeat(day[starts], rows))
    points = np.ceil(age[:, None] * np.arange(1, POINTS + 1) / POINTS).astype(np.int64) - 1
    at = np.searchsorted(place, (np.arange(len(starts))[:, None] * wide + points).ravel(), side="right") - 1
    curve = grown(arrived[at].reshape(len(starts), POINTS), age)
    names = group[starts].tolist()
    now = arrived[starts + rows - 1].tolist()
    return {names[i]: _told(curve, i, now[i]) for i in np.flatnonzero(curve.curve >= 0).tolist()}


def _arrived(days: pa.Table, starts: Ints, rows: Ints) -> Floats:
    """People who ever came, by the end of each row's day: those who are there and those who left."""
    members, left = (days[name].to_numpy().astype(np.float64) for name in ("members", "left"))
    went = np.cumsum(left)
    before = np.repeat(went[starts] - left[starts], rows)
    return np.maximum(members + went - before, 0.0)


def _told(growth: Growth, at: int, now: float) -> dict[str, Any]:
    def known(value: float) -> float | None:
        return round(value, 2) if np.isfinite(value) else None

    return {
        "by": CURVES[int(growth.curve[at])], "error": known(float(growth.error[at])), "now": known(now),
        "limit": known(float(growth.limit[at])), "ahead_30": known(float(growth.ahead_30[at])),
        "ahead_90": known(float(growth.ahead_90[at])),
    }  # fmt: skip


TABLE = ReadingTable("group_life", "看每个群走到了哪里", "The life of every group", of, ("group",))
