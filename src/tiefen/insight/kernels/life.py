"""生命周期 — the course of a group's life: introduction, growth, maturity, decline, dormant, revived, and the reasons.

Looked at in weeks that end with the day of the reading, four at a time, so that weekdays and months do not matter. The
yardstick is the group's own best four weeks; groups differ too much in size for any other. Four measures of success hardly
correlate (Cunha et al. 2019), so the stage is of volume alone and says so; growth, retention and reach are numbers beside it.
`courses` tells the stages of many groups at every week of the past at once; `life_of` of one group now, by the same rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import log2

import numpy as np
from numpy.typing import NDArray

STAGES = ("introduction", "growth", "maturity", "decline", "dormant", "revived")
HEALTH = ("lively", "steady", "fading", "dead")
SHOWN_WEEKS = 26

NEW_DAYS = 42
SILENT_DAYS = 60
"""So long without a word, and a group is dormant."""
DEAD_SHARE, LOW_SHARE, HALF_SHARE, HIGH_SHARE = 0.02, 0.35, 0.5, 0.7
"""Of the best four weeks: next to nothing; low; half; near the best."""
FEW = 16
"""Messages in four weeks, one every other day or so: with more than that a group is not dormant, however large it was."""
RISE, FALL, USUAL_WEEKS = 1.35, 0.8, 8
"""Against the eight weeks before: rising, falling. Against twelve, the weeks after growth still looked like it."""
REVIVED_WEEKS = 8
"""So long after waking from dormancy a group is called revived."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_INTRODUCTION, _GROWTH, _MATURITY, _DECLINE, _DORMANT, _REVIVED = range(6)
_NEVER = 10**6


@dataclass(frozen=True, slots=True)
class Days:
    """What is known of a group's days, in their order; only days on which something happened."""

    ago: Ints
    """Days before the day of the reading."""
    messages: Ints
    members: Ints
    """At the end of the day."""


@dataclass(frozen=True, slots=True)
class Life:
    """Where a group stands in its life."""

    stage: str
    health: str
    sickness: float
    """How much was lost, how much there was, and how lately: the order in which to look. 0 is well."""
    evidence: tuple[tuple[str, str], ...]
    """The reasons, in Chinese and in English."""
    weeks: tuple[int, ...]
    """Messages in the last `SHOWN_WEEKS` weeks, the newest last."""
    grade: str
    """B where it is told from messages, A where only from comings and goings."""


def life_of(days: Days, dismissed: date | None = None) -> Life:
    """The stage of a group, told from its messages where any are known, from its members otherwise."""
    if not len(days.ago):
        return Life(
            "introduction", "steady", 0.0, (("还没有任何记录", "nothing is known of it yet"),), (0,) * SHOWN_WEEKS, "A"
        )
    return _by_messages(days, dismissed) if days.messages.any() else _by_members(days, dismissed)


@dataclass(frozen=True, slots=True)
class Weeks:
    """Many groups, week by week, the newest week first: (group, week)."""

    said: Floats
    """Messages."""
    quiet: Ints
    """Days from the last day with talk of the week to the end of the newest; `_NEVER` where there was none."""
    age: Ints
    """Days since anybody first spoke, on the last day; negative where nobody ever did."""

    @classmethod
    def of(cls, row: Ints, ago: Ints, messages: Ints, groups: int) -> Weeks:
        """From days with talk: whose they are, how long ago, how many messages."""
        width = max(SHOWN_WEEKS, int(ago.max(initial=0)) // 7 + 1) + 3
        place = row * width + ago // 7
        said = np.bincount(place, messages, groups * width).astype(np.float64).reshape(groups, width)
        quiet = np.full(groups * width, _NEVER)
        np.minimum.at(quiet, place, ago)
        age = np.full(groups, -1)
        np.maximum.at(age, row, ago)
        return cls(said, quiet.reshape(groups, width), age)


@dataclass(frozen=True, slots=True)
class _Course:
    """The numbers that a stage is told from, and the stage."""

    recent: Floats
    best: Floats
    usual: Floats
    silent: Ints
    age: Ints
    stage: Ints


def courses(weeks: Weeks) -> Ints:
    """(group, week): the stage at the end of each week, the newest first, as an index of `STAGES`; −1 before its first day."""
    return _course(weeks).stage


def _course(weeks: Weeks) -> _Course:
    said = weeks.said
    groups, width = said.shape
    sums = np.concatenate([np.zeros((groups, 1)), np.cumsum(said, axis=1)], axis=1)
    at = np.arange(width)
    recent = sums[:, np.minimum(at + 4, width)] - sums[:, at]
    best = np.maximum.accumulate(recent[:, : width - 3][:, ::-1], axis=1)[:, ::-1]
    best = np.concatenate([best, np.repeat(best[:, -1:], 3, axis=1)], axis=1)
    age = weeks.age[:, None] - 7 * at
    known = np.clip(age // 7 - 3, 1, USUAL_WEEKS)
    place = np.arange(groups)[:, None]
    from_week = np.minimum(at + 4, width)
    usual = (sums[place, np.minimum(from_week + known, width)] - sums[:, from_week]) * 4 / known
    silent = np.minimum.accumulate(weeks.quiet[:, ::-1], axis=1)[:, ::-1] - 7 * at
    level = recent / np.maximum(best, 1)
    dormant = (silent >= SILENT_DAYS) | ((level <= DEAD_SHARE) & (recent <= FEW) & (age >= 2 * NEW_DAYS))
    low = (level < LOW_SHARE) | ((level < HALF_SHARE) & (recent < FALL * usual))
    rising = (level >= HIGH_SHARE) & (recent >= RISE * usual)
    stage = np.select(
        [age < 0, dormant, age < NEW_DAYS, low, rising], [-1, _DORMANT, _INTRODUCTION, _DECLINE, _GROWTH], _MATURITY
    )
    return _Course(recent, best, usual, silent, age, _with_revivals(stage))


def _with_revivals(stage: Ints) -> Ints:
    """Whoever was dormant within the last weeks and is not any more has been revived."""
    slept = np.concatenate([stage == _DORMANT, np.zeros((len(stage), REVIVED_WEEKS), bool)], axis=1)
    counted = np.concatenate([np.zeros((len(stage), 1)), np.cumsum(slept, axis=1)], axis=1)
    width = stage.shape[1]
    lately = counted[:, 1 + REVIVED_WEEKS : 1 + REVIVED_WEEKS + width] - counted[:, 1 : 1 + width]
    return np.where((stage >= 0) & (stage != _DORMANT) & (lately > 0), _REVIVED, stage)


def _by_messages(days: Days, dismissed: date | None) -> Life:
    spoken = days.messages > 0
    weeks = Weeks.of(np.zeros(spoken.sum(), np.int64), days.ago[spoken], days.messages[spoken], 1)
    now = _course(weeks)
    age, silent = int(now.age[0, 0]), int(now.silent[0, 0])
    recent, best, usual = int(now.recent[0, 0]), int(now.best[0, 0]), float(now.usual[0, 0])
    level = recent / best
    evidence = [
        (f"近 4 周 {recent} 条，最好的 4 周 {best} 条（{level:.0%}）", f"{recent} messages in the last 4 weeks, {best} in its best 4 ({level:.0%})"),
        (f"此前平均每 4 周 {usual:.0f} 条", f"{usual:.0f} in an average 4 weeks before"),
        (f"最近一次发言在 {silent} 天前", f"last word {silent} days ago"),
        (f"有消息记录 {age} 天", f"messages known for {age} days"),
    ]  # fmt: skip
    stage = STAGES[int(now.stage[0, 0])]
    if dismissed is not None:
        stage = "dormant"
        evidence.insert(0, (f"{dismissed:%Y-%m-%d} 已解散", f"dismissed on {dismissed:%Y-%m-%d}"))
    elif stage == "revived":
        evidence.insert(
            0, (f"近 {REVIVED_WEEKS} 周内由沉寂重新活跃", f"woke from dormancy within the last {REVIVED_WEEKS} weeks")
        )
    fading = stage == "decline" or recent < HALF_SHARE * usual
    health = "dead" if stage == "dormant" else "fading" if fading else "lively" if level >= HIGH_SHARE else "steady"
    sickness = (1 - level) * log2(1 + best) * 0.5 ** (max(0, silent - 30) / 90)
    if dismissed is not None:
        sickness = 0.0
    shown = tuple(int(n) for n in weeks.said[0, SHOWN_WEEKS - 1 :: -1])
    return Life(stage, health, round(sickness, 4), tuple(evidence), shown, "B")


def _by_members(days: Days, dismissed: date | None) -> Life:
    age, quiet = int(days.ago.max()), int(days.ago.min())
    now, most = int(days.members[-1]), int(days.members.max())
    month_ago, season_ago = _level(days, 30), _level(days, 90)
    evidence = [
        (f"现有 {now} 人，最多时 {most} 人", f"{now} members now, {most} at most"),
        (f"30 天前 {month_ago} 人", f"{month_ago} members 30 days ago"),
        (
            f"最近一次进出在 {quiet} 天前；没有消息数据",
            f"last coming or going {quiet} days ago; messages are not known",
        ),
    ]
    if dismissed is not None:
        stage = "dormant"
        evidence.insert(0, (f"{dismissed:%Y-%m-%d} 已解散", f"dismissed on {dismissed:%Y-%m-%d}"))
    elif now <= 1 and age >= NEW_DAYS:
        stage = "dormant"
    elif age < NEW_DAYS:
        stage = "introduction"
    elif now <= 0.9 * season_ago or now < HALF_SHARE * most:
        stage = "decline"
    elif now >= 1.05 * month_ago:
        stage = "growth"
    else:
        stage = "maturity"
    health = {"dormant": "dead", "decline": "fading", "growth": "lively"}.get(stage, "steady")
    lost = 0.0 if dismissed is not None or not most else 1 - now / most
    return Life(
        stage, health, round(lost * log2(1 + most) * 0.5 ** (quiet / 90), 4), tuple(evidence), (0,) * SHOWN_WEEKS, "A"
    )


def _level(days: Days, ago: int) -> int:
    """Members on the day so many days ago."""
    before = np.flatnonzero(days.ago >= ago)
    return int(days.members[before[-1]]) if len(before) else 0
