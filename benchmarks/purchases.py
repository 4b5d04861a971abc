"""BG/NBD, Pareto/NBD and Gamma-Gamma on up to 10 M buyers, beside lifetimes and a plain scipy fit on as many as they can take.

Seconds are of the processor: what else runs on the machine does not count.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from lifetimes import BetaGeoFitter, ParetoNBDFitter
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from tiefen.insight.models.purchases import bg_nbd, gamma_gamma, pareto_nbd
from tiefen.insight.models.purchases.fitting import Fit
from tiefen.insight.models.purchases.forecasts import forecast_by
from tiefen.insight.models.purchases.models import OrderModel
from tiefen.insight.models.purchases.records import Floats, Records, Rows, alike

_R, _ALPHA, _A, _B = 0.243, 4.414 * 7, 0.793, 2.426
_P, _Q, _GAMMA = 6.25, 3.74, 1_544.0
_YEARS = 2 * 365
HORIZON = 90


def run(quick: bool = False) -> dict[str, Any]:
    """CPU seconds to fit and to score; ours ÷ theirs in the same run."""
    largest, peer = (100_000, 20_000) if quick else (10_000_000, 1_000_000)
    everybody = _buyers(largest, 27 * 7, 39 * 7)
    some = _first(everybody, peer)
    figures: dict[str, Any] = {}
    for known in (some, everybody):
        figures |= _ours(known)
    years = _buyers(peer, 1, _YEARS)
    figures |= _ours(years, "two years of arrivals, ")
    figures |= _at_instants(years)
    figures |= _beside(some, min(peer, 100_000))
    return figures


def _ours(known: Records, of: str = "") -> dict[str, Any]:
    name = f"{of}{len(known):,} buyers"
    rows = alike(known)
    figures: dict[str, Any] = {f"{name}: different records": len(rows)}
    fits: dict[str, Fit[Any]] = {}
    kinds: tuple[tuple[str, Callable[[Records], Fit[Any]]], ...] = (
        ("BG/NBD", bg_nbd.fit),
        ("Pareto/NBD", pareto_nbd.fit),
        ("Gamma-Gamma", gamma_gamma.fit),
    )
    for model, fit in kinds:
        seconds, found = _best(partial(fit, known), 1 if len(known) > 2_000_000 else 3)
        assert found.converged, (model, found.why)
        fits[model] = found
        figures[f"{name}: {model} fit, seconds"] = seconds
        figures[f"{name}: {model} parameters"] = " ".join(f"{value:.4g}" for value in found.model.values())
    if len(known) <= 2_000_000:
        seconds, grouped = _best(lambda: alike(known, who=True), 1)
        figures[f"{name}: put together with who is where, seconds"] = seconds
        for model in ("BG/NBD", "Pareto/NBD"):
            seconds, _ = _best(partial(_expected, fits[model].model, grouped), 1)
            figures[f"{name}: {model} expected orders of each, seconds"] = seconds
        for model in ("BG/NBD", "Pareto/NBD"):
            seconds, _ = _best(partial(forecast_by, known, grouped, HORIZON, fits[model], fits["Gamma-Gamma"]), 1)
            figures[f"{name}: whole forecast by {model} with bounds, orders and money, seconds"] = seconds
    return figures


def _at_instants(known: Records) -> dict[str, Any]:
    """The same people with times that are nobody else's."""
    dice = np.random.default_rng(8)
    age = known.age + dice.random(len(known))
    recency = np.where(known.frequency > 0, np.minimum(known.recency + dice.random(len(known)), age), 0.0)
    exact = replace(known, recency=recency, age=age)
    figures: dict[str, Any] = {}
    for model, fit in (("BG/NBD", bg_nbd.fit), ("Pareto/NBD", pareto_nbd.fit)):
        seconds, found = _best(partial(fit, exact), 1)
        assert found.converged, (model, found.why)
        figures[f"{len(known):,} buyers at exact instants: {model} fit, seconds"] = seconds
    return figures


def _expected(model: OrderModel | None, rows: Rows) -> Floats:
    """Of each person."""
    assert model is not None
    return model.expected(rows, HORIZON)[rows.of]


def _beside(known: Records, people: int) -> dict[str, Any]:
    """lifetimes on all it is given, and the likelihood of the paper in scipy without a gradient, on a part."""
    figures: dict[str, Any] = {}
    columns = (known.frequency, known.recency, known.age)
    ours, _ = _best(lambda: bg_nbd.fit(known), 3)
    theirs, _ = _best(lambda: BetaGeoFitter().fit(*columns), 1)
    figures[f"{len(known):,} buyers: lifetimes BG/NBD, seconds"] = theirs
    figures[f"{len(known):,} buyers: ours ÷ lifetimes"] = ours / theirs
    part = _first(known, people)
    columns = (part.frequency, part.recency, part.age)
    ours, _ = _best(lambda: bg_nbd.fit(part), 3)
    plain, _ = _best(lambda: _plain(*columns), 1)
    figures[f"{people:,} buyers: plain scipy BG/NBD, seconds"] = plain
    figures[f"{people:,} buyers: ours ÷ plain scipy"] = ours / plain
    few = _first(known, people // 5)
    ours, _ = _best(lambda: pareto_nbd.fit(few), 3)
    theirs, _ = _best(lambda: ParetoNBDFitter().fit(few.frequency, few.recency, few.age), 1)
    figures[f"{len(few):,} buyers: lifetimes Pareto/NBD, seconds"] = theirs
    figures[f"{len(few):,} buyers: ours ÷ lifetimes, Pareto/NBD"] = ours / theirs
    return figures


def _plain(x: Floats, recency: Floats, age: Floats) -> Floats:
    """What somebody writes in a quarter of an hour from the paper."""

    def unlikely(at: Floats) -> float:
        r, alpha, a, b = np.exp(at)
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
        gone = np.where(
            x > 0, betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + recency), -np.inf
        )
        return -float(np.mean(common + np.logaddexp(alive, gone)))

    return np.exp(minimize(unlikely, np.log([1.0, float(age.mean()), 1.0, 1.0]), method="L-BFGS-B").x)


def _best(do: Callable[[], Any], times: int) -> tuple[float, Any]:
    found, taken = None, []
    for _ in range(times):
        began = time.process_time()
        found = do()
        taken.append(time.process_time() - began)
    return min(taken), found


def _first(known: Records, people: int) -> Records:
    return Records.from_arrow(known.to_arrow().slice(0, people))


def _buyers(people: int, youngest: int, oldest: int) -> Records:
    """Buyers as BG/NBD has them with CDNOW's parameters, in whole days, and what they paid as Gamma-Gamma has it."""
    dice = np.random.default_rng(7)
    age = dice.integers(youngest, oldest + 1, people).astype(np.float64)
    rates, stops = dice.gamma(_R, 1 / _ALPHA, people), dice.beta(_A, _B, people)
    frequency, recency, now = np.zeros((3, people))
    going = np.arange(people)
    while len(going):
        now[going] += dice.exponential(1 / rates[going])
        going = going[now[going] <= age[going]]
        day = np.floor(now[going])
        frequency[going] += day > recency[going]
        recency[going] = day
        going = going[dice.random(len(going)) >= stops[going]]
    own = dice.gamma(_Q, 1 / _GAMMA, people)
    spent = np.rint(dice.gamma(_P * np.maximum(frequency, 1)) / own) * (frequency > 0)
    return Records(np.arange(people), frequency, np.where(frequency > 0, recency, 0), age, spent)
