"""From a brand's own groups to coefficients: learned with each reading, leaning on the shipped ones, kept beside the readings.

How much they lean is in `hazard.PRIOR_WORTH`. What was learned on the earlier days is set right on the later ones, since
chats cool down together. With too few silences of its own a brand has the shipped coefficients, and the reading says so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np

from tiefen.insight.models.life.grid import Spoken, parts
from tiefen.insight.models.life.hazard import Hazard, calibrated, fit, shipped
from tiefen.insight.models.life.silence import PERIOD, PERIODS, QUIET_DAYS, Watched, joined, watched

LEAST_GROUPS, LEAST_SILENCES = 10, 10
EARLIER = 0.7
"""Of the lines, in the order of their days: what is learned on; the rest sets it right."""
_MOST_LINES = 400_000

FALLBACKS: dict[str, tuple[str, str]] = {
    "few_groups": ("自己的群太少，用公开群聊学到的系数", "too few groups of one's own; coefficients learned from public chats"),
    "few_silences": ("自己的群沉默得太少，用公开群聊学到的系数", "too few groups of one's own fell silent; coefficients learned from public chats"),
    "unsettled": ("自己的数据没有收敛，用公开群聊学到的系数", "no stable fit on one's own groups; coefficients learned from public chats"),
    "no_messages": ("没有消息数据，沉默无从判断", "messages are not known, so neither is silence"),
    "silent_already": ("已经沉默，没有可预测的", "silent already; nothing left to foretell"),
    "dismissed": ("群已解散", "the group was dismissed"),
}  # fmt: skip
"""Why a number is not what one would wish, in Chinese and in English."""


def lines(spoken: Spoken, end: int) -> Watched | None:
    """A brand's groups on every seventh day; of very many groups, some of them, by number."""
    groups = np.unique(spoken.group)
    weekly = max(1.0, (end - int(spoken.day.min()) + 1) / 7) if len(groups) else 1.0
    every = int(np.ceil(len(groups) * min(weekly, 157) / _MOST_LINES)) if len(groups) else 1
    some = [watched(grid) for grid in parts(spoken.among(groups[::every]) if every > 1 else spoken, end)]
    return joined(some) if some else None


def learn(some: Watched | None, end: int, prior: Hazard | None = None) -> tuple[Hazard, str | None]:
    """The coefficients to use as of a day, and why they are not the brand's own."""
    prior = prior or shipped()
    if some is None or len(np.unique(some.group)) < LEAST_GROUPS:
        return prior, "few_groups"
    now = some.as_of(end)
    known = now.where(now.known >= PERIOD)
    fell = known.fell <= PERIOD
    if len(np.unique(known.group[fell])) < LEAST_SILENCES:
        return prior, "few_silences"
    split = int(np.quantile(known.day, EARLIER))
    own = fit(now, prior=prior)
    if own is None:
        return prior, "unsettled"
    return calibrated(own, now.where(now.day > split)), None


def model_path(models: Path, until: date | None = None) -> Path:
    """Where the coefficients of a corp are kept, among what was learned of it (`models_of`): those of the present, or those that a
    reading of a past day learned from what was known then."""
    return models / "silence.json" if until is None else models / "past" / f"silence_{until:%Y%m%d}.json"


def save(hazard: Hazard, path: Path) -> None:
    """Write the coefficients, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    partial.write_text(json.dumps(hazard.numbers()), "utf-8")
    partial.replace(path)


def kept(path: Path) -> Hazard:
    """What the last reading learned; the shipped coefficients where it learned nothing or the file is damaged."""
    try:
        return Hazard.of(json.loads(path.read_text("utf-8")))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return shipped()


def known_long_enough(periods: Iterable[int] = range(PERIODS)) -> int:
    """Days that must have passed until everything that is foretold of a day can be known."""
    return (max(periods) + 1) * PERIOD + QUIET_DAYS
