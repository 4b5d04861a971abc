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
    """How often the likelihood was computed."""

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


def climb(objective: Objective, starts: list[Floats], people: float) -> Peak:
    """The highest point reached from several starts; the first that is a sound peak is taken."""
    best = None
    evaluations = 0
    for start in starts:
        with one_core():
            peak = _climb(objective, start, people)
        evaluations += peak.evaluations
        if not peak.why:
            return Peak(peak.at, peak.height, peak.covariance, "", evaluations)
        if best is None or peak.height > best.height:
            best = peak
    assert best is not None
    return Peak(best.at, best.height, best.covariance, best.why, evaluations)


def _climb(objective: Objective, start: Floats, people: float) -> Peak:
    calls = 0

    def down(at: Floats) -> tuple[float, Floats]:
        nonlocal calls
        calls += 1
        height, slope = objective(at)
        return -height / people, -slope / people

    bounds = [(-_EDGE, _EDGE)] * len(start)
    exactly: Any = {"maxiter": 500, "ftol": 1e-11, "gtol": 1e-7, "maxcor": 10}
    found = minimize(down, start, jac=True, method="L-BFGS-B", bounds=bounds, options=exactly)
    at = np.asarray(found.x, np.float64)
    unknown = np.full((len(at), len(at)), np.nan)
    if not np.all(np.isfinite(at)) or not np.isfinite(found.fun):
        return Peak(at, -np.inf, unknown, "no_peak", calls)
    if np.any(np.abs(at) > _EDGE - 0.5):
        return Peak(at, -float(found.fun) * people, unknown, "at_the_edge", calls)
    information = _information(down, at) * people
    least = np.linalg.eigvalsh(information)[0]
    if not least > _FLATTEST:
        why: WhyNot = "no_peak" if least < -_FLATTEST else "flat"
        return Peak(at, -float(found.fun) * people, unknown, why, calls)
    covariance: Floats = np.linalg.inv(information).astype(np.float64)
    at, height, gain = _polished(down, at, covariance, people)
    return Peak(at, height, covariance, "" if gain < _CLIMB else "no_peak", calls)


def _polished(down: Objective, at: Floats, covariance: Floats, people: float) -> tuple[Floats, float, float]:
    """Newton steps to the very top: where it is, how high, and what the next step would still gain."""
    depth, slope = down(at)
    for _ in range(4):
        step = -covariance @ slope * people
        if -slope @ step * people / 2 < _CLIMB / 1000:
            break
        lower, then = down(at + step)
        if not lower <= depth:
            break
        at, depth, slope = at + step, lower, then
    gain = float(slope @ covariance @ slope) * people**2 / 2
    return at, -depth * people, gain


def _information(down: Objective, at: Floats) -> Floats:
    """Second derivatives, by differences of the gradient."""
    columns = []
    for place in range(len(at)):
        aside = np.zeros(len(at))
        aside[place] = _STEP
        columns.append((down(at + aside)[1] - down(at - aside)[1]) / (2 * _STEP))
    rough = np.array(columns)
    return (rough + rough.T) / 2


def no_fit(name: str, names: tuple[str, ...], why: WhyNot, people: int, evaluations: int = 0) -> Fit[M]:
    """A fit that was not to be had."""
    nothing = np.full((len(names), len(names)), np.nan)
    return Fit(name, None, why, people, float("nan"), names, (float("nan"),) * len(names), nothing, evaluations)


def fit_of(name: str, names: tuple[str, ...], model: M, peak: Peak, people: int, log_likelihood: float) -> Fit[M]:
    """A fit at a peak."""
    errors = model.values() * np.sqrt(np.diag(peak.covariance))
    told = tuple(float(error) for error in errors)
    return Fit(name, model, "", people, log_likelihood, names, told, peak.covariance, peak.evaluations)
