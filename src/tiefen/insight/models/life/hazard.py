"""风险 — a discrete-time hazard: the chance that a silence begins in each of the coming periods, given what is known today.

One logistic line for each period of 30 days. The chance within 60 days is 1 − (1 − h₁)(1 − h₂), so it is never less than that within
30. Coefficients are the most likely ones under a prior: little is known → near zero for the shipped ones, near the shipped
ones for a brand's own. A fit that does not converge is none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from tiefen.insight.models.life.features import NAMES
from tiefen.insight.models.life.grid import Floats
from tiefen.insight.models.life.silence import PERIOD, PERIODS, Watched

USED = ("silent", "active_30d", "active_90d", "messages_30d", "speaker_days_30d")
"""The features with a coefficient. Others made it no better on groups that were held out (docs/science.md)."""
_COLUMNS = [NAMES.index(name) for name in USED]

WITHIN = (30, 60, 90)
WARN = 1 / 3
"""A chance within 30 days from which on somebody should look: one in three."""
MONTHLY = 7 / 30
"""What one line weighs where there is one a week: a group and month counts once, however often it was looked at."""
RIDGE = 10.0
"""Group-months that say "no influence" of each feature, in units of its spread."""
PRIOR_WORTH = 1_000.0
"""Group-months that the shipped coefficients count for beside a brand's own."""
_STEPS, _CLOSE, _FAR = 60, 1e-8, 30.0


@dataclass(frozen=True, slots=True)
class Hazard:
    """Coefficients: a row a period, the constant first."""

    centre: Floats
    spread: Floats
    coefficients: Floats
    information: Floats
    """(period, coefficient, coefficient): how sharply each group-month pins the coefficients down, on average."""
    months: float
    """Group-months it was learned from."""
    silences: int
    """Silences among them."""
    learned_from: str
    """`shipped` or `own`."""

    def within(self, x: Floats) -> Floats:
        """(line, 30 | 60 | 90 days): the chance that a silence begins by then. `x` are lines of `features`."""
        staying = np.cumprod(1 - _chance(self.logits(x)), axis=1, dtype=np.float64)
        return 1 - staying

    def logits(self, x: Floats) -> Floats:
        return self._design(x) @ self.coefficients.T

    def contributions(self, x: Floats) -> Floats:
        """(line, feature): how much each of `USED` adds to the logit of the first 30 days against the average group."""
        return self._design(x)[:, 1:] * self.coefficients[0, 1:]

    def line(self, period: int) -> tuple[float, dict[str, float]]:
        """Constant and weight of each feature as it is in `features`, unscaled."""
        weights = self.coefficients[period, 1:] / self.spread
        constant = self.coefficients[period, 0] - float(weights @ self.centre)
        return float(constant), dict(zip(USED, weights.tolist(), strict=True))

    def _design(self, x: Floats) -> Floats:
        return _design(x, self.centre, self.spread)

    def numbers(self) -> dict[str, Any]:
        """As numbers and nothing else."""
        return {
            "features": list(USED), "centre": _rounded(self.centre), "spread": _rounded(self.spread),
            "coefficients": _rounded(self.coefficients), "information": _rounded(self.information),
            "months": round(self.months, 2), "silences": self.silences, "learned_from": self.learned_from,
        }  # fmt: skip

    @classmethod
    def of(cls, numbers: Mapping[str, Any]) -> Hazard:
        """From `numbers`; a ValueError where they are of other features or damaged."""
        if tuple(numbers["features"]) != USED:
            raise ValueError("coefficients of other features")
        arrays = [np.array(numbers[name], np.float64) for name in ("centre", "spread", "coefficients", "information")]
        width = len(USED)
        shapes = [(width,), (width,), (PERIODS, width + 1), (PERIODS, width + 1, width + 1)]
        if [a.shape for a in arrays] != shapes or not all(np.isfinite(a).all() for a in arrays):
            raise ValueError("coefficients are damaged")
        centre, spread, coefficients, information = arrays
        return cls(
            centre,
            spread,
            coefficients,
            information,
            float(numbers["months"]),
            int(numbers["silences"]),
            str(numbers["learned_from"]),
        )


def fit(some: Watched, *, prior: Hazard | None = None) -> Hazard | None:
    """The coefficients for these lines; None where they do not converge or where nothing ever happened or did not.

    Without a prior the scale is that of the lines themselves; with one, it and the coefficients lean on the prior's.
    """
    if prior is None:
        x = some.x[:, _COLUMNS]
        if not len(x):
            return None
        centre, spread = x.mean(axis=0), np.where(x.std(axis=0) > 1e-9, x.std(axis=0), 1.0)
    else:
        centre, spread = prior.centre, prior.spread
    width = len(USED) + 1
    found, information = np.zeros((PERIODS, width)), np.zeros((PERIODS, width, width))
    months, silences = 0.0, 0
    for period in range(PERIODS):
        at_risk, began = some.at_risk(period)
        if not 0 < began.sum() < len(began):
            return None
        design = _design(some.x[at_risk], centre, spread)
        weight = np.full(len(design), MONTHLY)
        mean, precision = _leaning(period, width, prior)
        solved = _newton(design, began, weight, mean, precision)
        if solved is None:
            return None
        found[period], information[period] = solved[0], solved[1] / weight.sum()
        if period == 0:
            months = float(weight.sum())
            silences = len(
                np.unique(
                    np.column_stack([some.group[at_risk], some.day[at_risk] + some.fell[at_risk]])[began > 0], axis=0
                )
            )
    return Hazard(centre, spread, found, information, months, silences, "shipped" if prior is None else "own")


def calibrated(hazard: Hazard, later: Watched) -> Hazard:
    """The same hazard, each period's line moved and stretched so that it holds on later days (Platt); the fewer silences
    there, the less. Where that does not converge it stays as it is."""
    coefficients = hazard.coefficients.copy()
    for period in range(PERIODS):
        at_risk, began = later.at_risk(period)
        if not 0 < began.sum() < len(began):
            continue
        logit = hazard.logits(later.x[at_risk])[:, period]
        design = np.column_stack([np.ones(len(logit)), logit])
        weight = np.full(len(logit), MONTHLY)
        solved = _newton(design, began, weight, np.array([0.0, 1.0]), np.diag([8.0, 40.0]))
        if solved is not None and solved[0][1] > 0:
            moved, stretched = solved[0]
            coefficients[period] *= stretched
            coefficients[period, 0] += moved
    return Hazard(
        hazard.centre,
        hazard.spread,
        coefficients,
        hazard.information,
        hazard.months,
        hazard.silences,
        hazard.learned_from,
    )


@cache
def shipped() -> Hazard:
    """Learned from public chats; `docs/decisions/0005-silence-is-learned-twice.md` says how."""
    text = files("tiefen.insight.models.life").joinpath("shipped.json").read_text("utf-8")
    return Hazard.of(json.loads(text))


def _leaning(period: int, width: int, prior: Hazard | None) -> tuple[Floats, Floats]:
    ridge = np.diag([1e-3, *[RIDGE] * (width - 1)])
    if prior is None:
        return np.zeros(width), ridge
    return prior.coefficients[period], prior.information[period] * PRIOR_WORTH + 0.1 * ridge


def _newton(
    design: Floats, began: Floats, weight: Floats, mean: Floats, precision: Floats
) -> tuple[Floats, Floats] | None:
    """The peak of likelihood × prior, and the information there without the prior; None where it is not reached."""
    at = mean.copy()
    value = _loss(design, began, weight, mean, precision, at)
    for _ in range(_STEPS):
        chance = _chance(design @ at)
        slope = design.T @ (weight * (chance - began)) + precision @ (at - mean)
        information = (design * (weight * chance * (1 - chance))[:, None]).T @ design
        try:
            step = np.linalg.solve(information + precision, slope)
        except np.linalg.LinAlgError:
            return None
        part = 1.0
        while part > 1e-6 and not _loss(design, began, weight, mean, precision, at - part * step) <= value + 1e-12:
            part /= 2
        at = at - part * step
        value = _loss(design, began, weight, mean, precision, at)
        if not np.isfinite(value) or np.abs(at).max() > _FAR:
            return None
        if np.abs(part * step).max() < _CLOSE:
            return at, information
    return None


def _loss(design: Floats, began: Floats, weight: Floats, mean: Floats, precision: Floats, at: Floats) -> float:
    logit = design @ at
    away = at - mean
    return float(weight @ (np.logaddexp(0, logit) - began * logit) + away @ precision @ away / 2)


def _design(x: Floats, centre: Floats, spread: Floats) -> Floats:
    return np.column_stack([np.ones(len(x)), (x[:, _COLUMNS] - centre) / spread])


def _chance(logit: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(logit, -40, 40)))
    return chance


def _rounded(values: Floats) -> Any:
    return np.round(values, 6).tolist()


assert len(WITHIN) == PERIODS and WITHIN[0] == PERIOD
