"""生命周期 — the course of one group's life: introduction, growth, maturity, decline, dormant, and the reasons.

Looked at in weeks that end with the day of the reading, four at a time, so that weekdays and months do not matter. The
yardstick is the group's own best four weeks; groups differ too much in size for any other. Four measures of success hardly
correlate (Cunha et al. 2019), so the stage is of volume alone and says so; growth, retention and reach are numbers beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import log2

import numpy as np
from numpy.typing import NDArray

STAGES = ("introduction", "growth", "maturity", "decline", "dormant")
HEALTH = ("lively", "steady", "fading", "dead")
SHOWN_WEEKS = 26

NEW_DAYS = 42
SILENT_DAYS = 60
"""So long without a word, and a group is dormant."""
DEAD_SHARE, LOW_SHARE, HALF_SHARE, HIGH_SHARE = 0.02, 0.35, 0.5, 0.7
"""Of the best four weeks: next to nothing; low; half; near the best."""
FEW = 16
"""Messages in four weeks, one every other day or so: with more than that a group is not dormant, however large it was."""
RISE, FALL = 1.25, 0.8
"""Against the twelve weeks before: rising, falling."""

Ints = NDArray[np.int64]


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


def _by_messages(days: Days, dismissed: date | None) -> Life:
    spoken = days.messages > 0
    age, silent = int(days.ago[spoken].max()), int(days.ago[spoken].min())
    weekly = np.bincount(days.ago // 7, days.messages).astype(np.int64)
    weekly = np.pad(weekly, (0, max(0, SHOWN_WEEKS - len(weekly))))
    fours = np.convolve(weekly, np.ones(4, np.int64), "valid")
    recent, best = int(weekly[:4].sum()), int(fours.max())
    weeks_known = max(1, min(12, age // 7 - 3))
    usual = weekly[4 : 4 + weeks_known].sum() * 4 / weeks_known
    level = recent / best
    evidence = [
        (f"近 4 周 {recent} 条，最好的 4 周 {best} 条（{level:.0%}）", f"{recent} messages in the last 4 weeks, {best} in its best 4 ({level:.0%})"),
        (f"此前平均每 4 周 {usual:.0f} 条", f"{usual:.0f} in an average 4 weeks before"),
        (f"最近一次发言在 {silent} 天前", f"last word {silent} days ago"),
        (f"有消息记录 {age} 天", f"messages known for {age} days"),
    ]  # fmt: skip
    if dismissed is not None:
        stage = "dormant"
        evidence.insert(0, (f"{dismissed:%Y-%m-%d} 已解散", f"dismissed on {dismissed:%Y-%m-%d}"))
    elif silent >= SILENT_DAYS or (level <= DEAD_SHARE and recent <= FEW and age >= 2 * NEW_DAYS):
        stage = "dormant"
    elif age < NEW_DAYS:
        stage = "introduction"
    elif level < LOW_SHARE or (level < HALF_SHARE and recent < FALL * usual):
        stage = "decline"
    elif level >= HIGH_SHARE and recent >= RISE * usual:
        stage = "growth"
    else:
        stage = "maturity"
    fading = stage == "decline" or recent < HALF_SHARE * usual
    health = "dead" if stage == "dormant" else "fading" if fading else "lively" if level >= HIGH_SHARE else "steady"
    sickness = (1 - level) * log2(1 + best) * 0.5 ** (max(0, silent - 30) / 90)
    if dismissed is not None:
        sickness = 0.0
    shown = tuple(int(n) for n in weekly[SHOWN_WEEKS - 1 :: -1])
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
