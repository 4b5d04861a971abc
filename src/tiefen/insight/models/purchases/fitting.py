"""Finding the parameters that make what was seen most likely, and saying how sure they are, or why there are none.

All parameters are positive, so the search is over their logarithms: L-BFGS-B with an analytic gradient, then Newton steps
with the observed information (differences of that gradient), from which the standard errors come as well. Matrices here have
four rows, and threads of BLAS that wake up for them cost ten times what the whole fit does: they are held back meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, Self, TypeVar

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtri

from tiefen.insight.models.purchases.one_core import one_core
from tiefen.insight.models.purchases.records import Floats

WhyNot = Literal[
    "", "nobody", "nobody_repeats", "no_time", "all_alike", "at_the_edge", "flat", "no_peak", "no_mean", "unsure"
]

WHY: dict[WhyNot, tuple[str, str]] = {
    "": ("", ""),
    "nobody": ("还没有人下过单", "nobody has ordered yet"),
    "nobody_repeats": ("还没有人复购", "nobody has ordered again yet"),
    "no_time": ("首单之后还没有时间可观察", "no time has passed since the first orders"),
    "all_alike": ("所有人都一样，看不出差别", "everybody is the same, nothing tells people apart"),
    "at_the_edge": (
        "参数跑到了边界，数据撑不起这个模型",
        "a parameter ran to its limit: the data do not carry the model",
    ),
    "flat": ("很多组参数同样说得通，无法确定", "many parameters explain the data equally well"),
    "no_peak": ("没有找到最优解", "no best parameters were found"),
    "no_mean": ("客单价分布没有有限的均值", "the distribution of order values has no finite mean"),
    "unsure": ("参数太不确定，预测不可靠", "the parameters are too unsure to forecast with"),
}
"""Why a model has no parameters to stand by, in Chinese and in English."""

_EDGE = 12.0
"""Logarithms of parameters are sought within ± this, in units in which means are about one."""
_FLATTEST = 1e-2
"""Least information, in any direction of the logarithms: a standard error of ten."""
_CLIMB = 1e-5
"""At the peak, so much of log-likelihood could still be gained at most, by the information."""
_STEP = 1e-4
_NEAR = 1e-4
"""So much may be left to gain where second derivatives are taken anew."""

Objective = Callable[[Floats], tuple[float, Floats]]
"""Logarithms of parameters → the log-likelihood of everybody and its gradient."""


class Model(Protocol):
    """Parameters of a model, all positive, in an order of its own."""

    def values(self) -> Floats: ...

    @classmethod
    def of(cls, values: Floats) -> Self: ...


M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Fit(Generic[M]):
    """What came of fitting a model. Where `converged` is false, `model` is None and `why` says the reason."""

    name: str
    model: M | None
    why: WhyNot
    people: int
    """How many it was fitted to."""
    log_likelihood: float
    names: tuple[str, ...]
    errors: tuple[float, ...]
    """Standard errors of the parameters."""
    covariance: Floats
    """Of the parameters' logarithms: the inverse of the observed information."""
    evaluations: int
    """How often the likelihood of all of them was computed."""

    @property
    def converged(self) -> bool:
        return self.model is not None

    def interval(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Where each parameter lies, with such confidence: normal in its logarithm. Empty where there are none."""
        if self.model is None:
            return {}
        reach = ndtri(0.5 + level / 2) * np.sqrt(np.diag(self.covariance))
        values = self.model.values()
        low, high = values * np.exp(-reach), values * np.exp(reach)
        return {name: (float(a), float(b)) for name, a, b in zip(self.names, low, high, strict=True)}


@dataclass(frozen=True, slots=True)
class Peak:
    """Where a log-likelihood is highest, or the reason why that is not known."""

    at: Floats
    """Logarithms of the parameters."""
    height: float
    covariance: Floats
    why: WhyNot
    evaluations: int


def climb(objective: Objective, starts: list[Floats], people: float, near: Objective | None = None) -> Peak:
    """The highest point reached from several starts; the first that is a sound peak is taken. Where there is an objective `near`
    the true one that costs less, its peak is climbed first, and the true one from there in a few steps."""
    best = None
    evaluations = 0
    for start in starts:
        with one_core():
            peak = None if near is None else _from_near(objective, near, start, people)
            if peak is None:
                peak = _climb(objective, start, people)
        evaluations += peak.evaluations
        if not peak.why:
            return Peak(peak.at, peak.height, peak.covariance, "", evaluations)
        if best is None or peak.height > best.height:
            best = peak
    assert best is not None
    return Peak(best.at, best.height, best.covariance, best.why, evaluations)


def _climb(objective: Objective, start: Floats, people: float) -> Peak:
    down = _Down(objective, people)
    bounds = [(-_EDGE, _EDGE)] * len(start)
    exactly: Any = {"maxiter": 500, "ftol": 1e-11, "gtol": 1e-7, "maxcor": 10}
    found = minimize(down, start, jac=True, method="L-BFGS-B", bounds=bounds, options=exactly)
    at = np.asarray(found.x, np.float64)
    if not np.all(np.isfinite(at)) or not np.isfinite(found.fun):
        return Peak(at, -np.inf, _unknown(at), "no_peak", down.calls)
    return _settled(down, at)


def _from_near(objective: Objective, near: Objective, start: Floats, people: float) -> Peak | None:
    """From the peak of an objective near by. Where that has none within bounds the true one has none; None where it was not found."""
    begun = _climb(near, start, people)
    if begun.why:
        return None if begun.why == "no_peak" else begun
    down = _Down(objective, people)
    at, _, gain = _polished(down, begun.at, begun.covariance, _NEAR)
    found = _settled(down, at) if gain < 1 else None
    return None if found is None or found.why == "no_peak" else found


def _settled(down: _Down, at: Floats) -> Peak:
    """The peak next to `at`, or why there is none to stand by."""
    height = -down(at)[0] * down.people
    if np.any(np.abs(at) > _EDGE - 0.5):
        return Peak(at, height, _unknown(at), "at_the_edge", down.calls)
    information = _information(down, at)
    least = np.linalg.eigvalsh(information)[0]
    if not least > _FLATTEST:
        why: WhyNot = "no_peak" if least < -_FLATTEST else "flat"
        return Peak(at, height, _unknown(at), why, down.calls)
    covariance: Floats = np.linalg.inv(information).astype(np.float64)
    at, height, gain = _polished(down, at, covariance, _CLIMB / 1000)
    return Peak(at, height, covariance, "" if gain < _CLIMB else "no_peak", down.calls)


class _Down:
    """An objective a head, upside down, as it is minimised. What was asked last is not asked again."""

    def __init__(self, objective: Objective, people: float) -> None:
        self.people, self.calls = people, 0
        self._objective = objective
        self._last: tuple[Floats, tuple[float, Floats]] | None = None

    def __call__(self, at: Floats) -> tuple[float, Floats]:
        if self._last is None or not np.array_equal(self._last[0], at):
            self.calls += 1
            height, slope = self._objective(at)
            self._last = at.copy(), (-height / self.people, -slope / self.people)
        return self._last[1]


def _polished(down: _Down, at: Floats, covariance: Floats, enough: float) -> tuple[Floats, float, float]:
    """Newton steps to the top, until one would gain less than `enough`: where it is, how high, and what that step would gain."""
    depth, slope = down(at)
    for _ in range(4):
        step = -covariance @ slope * down.people
        if -slope @ step * down.people / 2 < enough:
            break
        lower, then = down(at + step)
        if not lower <= depth:
            break
        at, depth, slope = at + step, lower, then
    gain = float(slope @ covariance @ slope) * down.people**2 / 2
    return at, -depth * down.people, gain


def _information(down: _Down, at: Floats) -> Floats:
    """Second derivatives for everybody, by differences of the gradient."""
    columns = []
    for place in range(len(at)):
        aside = np.zeros(len(at))
        aside[place] = _STEP
        columns.append((down(at + aside)[1] - down(at - aside)[1]) / (2 * _STEP))
    rough = np.array(columns) * down.people
    return (rough + rough.T) / 2


def _unknown(at: Floats) -> Floats:
    return np.full((len(at), len(at)), np.nan)


def no_fit(name: str, names: tuple[str, ...], why: WhyNot, people: int, evaluations: int = 0) -> Fit[M]:
    """A fit that was not to be had."""
    nothing = np.full((len(names), len(names)), np.nan)
    return Fit(name, None, why, people, float("nan"), names, (float("nan"),) * len(names), nothing, evaluations)


def fit_of(name: str, names: tuple[str, ...], model: M, peak: Peak, people: int, log_likelihood: float) -> Fit[M]:
    """A fit at a peak."""
    errors = model.values() * np.sqrt(np.diag(peak.covariance))
    told = tuple(float(error) for error in errors)
    return Fit(name, model, "", people, log_likelihood, names, told, peak.covariance, peak.evaluations)
