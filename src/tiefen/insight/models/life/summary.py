"""一句话 — what an operator should know of a group and do, from its four outcomes and its life; in Chinese and in English.

It never adds outcomes up. It says what is going on, which outcome is weak and by which measure, and one thing to do about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tiefen.insight.models.life.hazard import WARN

Said = dict[str, str]

_NAMES = {
    "growth": ("增长", "growth"),
    "retention": ("留存", "retention"),
    "survival": ("存续", "survival"),
    "volume": ("声量", "volume"),
}
_STAGES = {
    "introduction": ("起步", "introduction"), "growth": ("成长", "growth"), "maturity": ("成熟", "maturity"),
    "decline": ("衰退", "decline"), "dormant": ("沉寂", "dormant"), "revived": ("重新活跃", "revived"),
}  # fmt: skip
_ADVICE = {
    "growth": ("检查入群入口是否还通，请老成员每人带一位朋友来", "check that the entry codes still work, and ask members to bring a friend"),
    "retention": ("新人入群当天有人欢迎、三天内有人回应；问问最近离开的人为什么", "have newcomers welcomed on their first day and answered within three, and ask those who left why"),
    "survival": ("定一个每周固定的话题日，先让群每天有人说话", "set a fixed topic day each week, so that somebody speaks every day"),
    "volume": ("请意见领袖各带一个具体的话题，别由官方自说自话", "ask the opinion leaders to start one concrete topic each, rather than have the brand talk"),
}  # fmt: skip
_SPEAKERS = (
    "请上个月说过话、这个月没说的人各回来聊一个话题",
    "ask those who spoke last month and not this one back, each with a topic of theirs",
)
"""Where fewer people speak, whoever comes through the door does not mend it."""
_SAVE = (
    "本周就找还在的意见领袖聊一聊，并定一个话题日",
    "talk to the opinion leaders who are still there this week, and set a topic day",
)
_WAKE = (
    "已经没有人说话：想清楚是唤醒、并群还是解散",
    "nobody speaks any more: decide whether to wake it, merge it or close it",
)


def summary(life: Mapping[str, Any] | None, outcomes: Sequence[Mapping[str, Any]]) -> Said | None:
    """Of a row of `group_life` and the rows of `group_outcomes` of one group; None where nothing is known."""
    known = [row for row in outcomes if row["whole"]]
    if life is None or not (known or life["grade"] == "B"):
        return None
    zh, en = [_stage(life, 0)], [_stage(life, 1)]
    risk = life["p_silence_30"]
    if risk is not None:
        zh.append(f"30 天内沉默的可能 {risk:.0%}")
        en.append(f"chance of silence within 30 days {risk:.0%}")
    weak = sorted(((_weakness(row), row) for row in known), key=lambda pair: -pair[0])
    weak = [pair for pair in weak if pair[0] > 0]
    if weak:
        zh.append("弱在" + "、".join(_told(row, 0) for _, row in weak[:2]))
        en.append("weak in " + " and ".join(_told(row, 1) for _, row in weak[:2]))
    else:
        zh.append("四个结果里没有明显弱的" if len(known) > 1 else "可比的结果太少")
        en.append("none of its outcomes is clearly weak" if len(known) > 1 else "too little to compare it by")
    todo = _todo(life, risk, weak[0][1] if weak else None)
    if todo is not None:
        zh.append("建议：" + todo[0])
        en.append("To do: " + todo[1])
    return {"zh": "；".join(zh) + "。", "en": _sentence(en)}


def _sentence(parts: list[str]) -> str:
    *facts, last = parts
    if last.startswith("To do"):
        return _begun("; ".join(facts)) + ". " + last + "."
    return _begun("; ".join(parts)) + "."


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stage(life: Mapping[str, Any], language: int) -> str:
    name = _STAGES[life["stage"]][language]
    if life["since"] is None:
        return (f"处于{name}阶段", f"in its {name} stage")[language]
    return (f"{life['since']} 起处于{name}阶段", f"in its {name} stage since {life['since']}")[language]


def _weakness(row: Mapping[str, Any]) -> float:
    """0 where it is not weak: falling for sure, or among the worst quarter of its like."""
    falling = row["trend_high"] is not None and row["trend_high"] < 0
    behind = row["peer_rank"] is not None and row["peer_rank"] > 0.75 * (row["peers"] + 1)
    place = row["peer_rank"] / (row["peers"] + 1) if behind else 0.0
    return float(falling) + place + (0.01 if row["grade"] == "B" and (falling or behind) else 0.0)


def _told(row: Mapping[str, Any], language: int) -> str:
    name = _NAMES[row["outcome"]][language]
    reasons = []
    if row["trend_high"] is not None and row["trend_high"] < 0:
        change = f"{row['trend']:+.0%}"
        reasons.append((f"每 30 天 {change}", f"{change} every 30 days")[language])
    if row["peer_rank"] is not None and row["peer_rank"] > 0.75 * (row["peers"] + 1):
        place, of = row["peer_rank"], row["peers"] + 1
        reasons.append((f"{of} 个同类群里第 {place}", f"{place} of {of} like groups")[language])
    grade = (f"{row['grade']} 级", f"grade {row['grade']}")[language]
    return (f"{name}（{grade}，{'，'.join(reasons)}）", f"{name} ({grade}; {', '.join(reasons)})")[language]


def _todo(life: Mapping[str, Any], risk: float | None, weak: Mapping[str, Any] | None) -> tuple[str, str] | None:
    if life["fallback"] == "dismissed":
        return None
    if life["stage"] == "dormant" or life["silent_since"] is not None:
        return _WAKE
    if risk is not None and risk >= WARN:
        return _SAVE
    if weak is None:
        return None
    return _SPEAKERS if (weak["outcome"], weak["grade"]) in _OF_SPEAKERS else _ADVICE[weak["outcome"]]


_OF_SPEAKERS = {("growth", "B"), ("retention", "B")}
