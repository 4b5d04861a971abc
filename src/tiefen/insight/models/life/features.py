"""What is known of a group on a day that may tell whether it will fall silent, and in which words an operator is told so.

The first day, the first week, and what rolls: how long since the last word, how that is in the group's own rhythm, how much
and by how many of late, and how that was a month before. `tiefen.insight.metrics.groups.silence` writes the same in Ibis.
"""

from __future__ import annotations

import numpy as np

from tiefen.insight.models.life.grid import Floats, Grid, Ints

NAMES = (
    "silent", "own_rhythm", "active_7d", "active_30d", "active_90d", "messages_30d", "against_before", "speaker_days_30d",
    "age", "day_one_speakers", "week_one_messages",
)  # fmt: skip

WORDS: dict[str, tuple[str, str]] = {
    "silent": ("{n:.0f} 天没有人说话", "nobody has spoken for {n:.0f} days"),
    "own_rhythm": ("沉默了平时间隔的 {n:.1f} 倍", "silent for {n:.1f} times its usual gap"),
    "active_7d": ("近 7 天有 {n:.0f} 天有人说话", "talk on {n:.0f} of the last 7 days"),
    "active_30d": ("近 30 天有 {n:.0f} 天有人说话", "talk on {n:.0f} of the last 30 days"),
    "active_90d": ("近 90 天有 {n:.0f} 天有人说话", "talk on {n:.0f} of the last 90 days"),
    "messages_30d": ("近 30 天 {n:.0f} 条消息", "{n:.0f} messages in the last 30 days"),
    "against_before": ("近 30 天的消息是再前 30 天的 {n:.0%}", "messages of the last 30 days are {n:.0%} of the 30 days before"),
    "speaker_days_30d": ("近 30 天发言人次（按天）{n:.0f}", "{n:.0f} speakers summed over the last 30 days"),
    "age": ("有消息已 {n:.0f} 天", "talk for {n:.0f} days"),
    "day_one_speakers": ("第一天有 {n:.0f} 人说话", "{n:.0f} people spoke on its first day"),
    "week_one_messages": ("第一周 {n:.0f} 条消息", "{n:.0f} messages in its first week"),
}  # fmt: skip
"""`n` is the number itself, not its logarithm."""


def features(grid: Grid, row: Ints, column: Ints) -> Floats:
    """One line of numbers for each (group, day); every group must have spoken by its day."""
    return _logs(plain(grid, row, column))


def plain(grid: Grid, row: Ints, column: Ints) -> Floats:
    """The same before logarithms, as they are told to people."""
    said = _sums(grid.messages)
    days = _sums((grid.messages > 0).astype(np.float64))
    people = _sums(grid.speakers)

    def last(sums: Floats, first: int, until: int = 0) -> Floats:
        return sums[row, np.maximum(column + 1 - until, 0)] - sums[row, np.maximum(column + 1 - first, 0)]

    silent = (column - grid.last[row, column]).astype(np.float64)
    age = (column - grid.born[row]).astype(np.float64)
    active_90 = last(days, 90)
    now, before = last(said, 30), last(said, 60, 30)
    week_one = np.where(age < 7, np.minimum(last(said, 7), grid.week_one[row]), grid.week_one[row])
    return np.column_stack([
        silent, silent * active_90 / np.minimum(age + 1, 90), last(days, 7), last(days, 30), active_90, now,
        (now + 1) / (before + 1), last(people, 30), age, grid.day_one[row], week_one,
    ])  # fmt: skip


def _logs(numbers: Floats) -> Floats:
    logs = np.log1p(numbers)
    against = NAMES.index("against_before")
    logs[:, against] = np.log(numbers[:, against])
    return logs


def _sums(days: Floats) -> Floats:
    return np.concatenate([np.zeros((len(days), 1)), np.cumsum(days, axis=1)], axis=1)
