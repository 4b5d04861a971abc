"""What people are expected to order and to pay in the time to come, one row a person, and together; with how sure that is.

`forecast(records, 90)` is all it takes. Which method made a number is in the row beside it: where a model cannot stand by its
parameters, a simple estimate takes its place under its own name, without what it cannot know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import ndtri

from tiefen.insight.models.purchases import gamma_gamma
from tiefen.insight.models.purchases.fitting import Fit, M, WhyNot
from tiefen.insight.models.purchases.gamma_gamma import GammaGamma, Spending
from tiefen.insight.models.purchases.models import BY_NAME, OrderModel
from tiefen.insight.models.purchases.pooled import MEAN, RATE, pooled_mean, pooled_rate
from tiefen.insight.models.purchases.records import Floats, Records, Rows, alike
from tiefen.insight.models.purchases.rhythm import SLIPPING, Regularity, own_silence
from tiefen.insight.models.purchases.spread import MoneySpread, Spread, money_spread, spread

USUAL, LEVEL = "bg_nbd", 0.8
UNKNOWN = "unknown"
UNSURE = 0.5
"""A standard error of all orders to come, by the parameters alone, of so much of them: too unsure to be told."""
_NUDGE, _LOOKED_AT = 1e-3, 10_000

SCHEMA = pa.schema([
    ("person", pa.int64()),
    ("alive", pa.float64()),          # chance of not having stopped; null where no model stands
    ("orders", pa.float64()),         # expected within the horizon
    ("orders_low", pa.int64()),       # with the level's chance between these two; null where no model stands
    ("orders_high", pa.int64()),
    ("orders_by", pa.string()),       # bg_nbd, pareto_nbd, pooled_rate, unknown
    ("money_fen", pa.int64()),
    ("money_low_fen", pa.int64()),
    ("money_high_fen", pa.int64()),
    ("money_by", pa.string()),        # gamma_gamma, pooled_mean, unknown
    ("silence", pa.float64()),        # how usual the present silence is by the model, if they have not stopped
    ("own_silence", pa.float64()),    # the same by their own waits alone; null with fewer than two
    ("slipping", pa.bool_()),         # own_silence below 1 in 20; null where there is no rhythm
])  # fmt: skip
"""Of the table of a forecast."""


@dataclass(frozen=True, slots=True)
class Total:
    """Over everybody, with bounds for people's own chance and for the parameters; None where only a simple estimate stands."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Numbers to come."""

    table: pa.Table
    horizon: float
    level: float
    orders: Total | None
    """None where nothing can be said."""
    money_fen: Total | None
    orders_by: str
    money_by: str
    why: WhyNot
    """Why no model stands for orders."""
    why_money: WhyNot
    orders_fit: Fit[OrderModel]
    money_fit: Fit[GammaGamma]
    correlation: float | None
    """Between how often people come and what they pay at a time: Gamma-Gamma takes it for zero."""


@dataclass(frozen=True, slots=True)
class _Lean:
    """How much the expected orders of every so manyth row move with the logarithms of the parameters."""

    stride: int
    slopes: Floats
    covariance: Floats

    def variance(self, weight: Floats) -> float:
        """That the weighted sum over rows has by the parameters alone: first order."""
        taken = weight[:: self.stride]
        slope = self.slopes @ taken * (weight.sum() / taken.sum() if taken.sum() else 1.0)
        return float(slope @ self.covariance @ slope)


@dataclass(frozen=True, slots=True)
class _Orders:
    """Of each row."""

    by: str
    why: WhyNot
    mean: Floats
    model: OrderModel | None = None
    lean: _Lean | None = None
    spread: Spread | None = None


@dataclass(frozen=True, slots=True)
class _Money:
    """Of an order to come of each person, whatever the horizon, and its sums over the people of each row."""

    by: str
    value: Floats
    of_rows: Floats
    scale: Floats | None = None
    """Of those whose money has bounds, which are in parts of it; NaN of others."""
    squares: Floats | None = None
    """The sums of scale², and of value² of the same people."""


def forecast(
    records: Records, horizon: float, *, model: str = USUAL, regularity: Regularity | None = None, level: float = LEVEL
) -> Forecast:
    """Fit and say what is to come within `horizon`, in the unit of the records. `model` is one of `ORDER_MODELS`."""
    rows = alike(records, who=True)
    some = gamma_gamma.spending(records)
    fits = BY_NAME[model].fit_rows(rows), gamma_gamma.fit_spending(some)
    return forecast_by(records, rows, horizon, *fits, regularity=regularity, level=level)


def forecast_by(
    records: Records, rows: Rows, horizon: float, orders_fit: Fit[OrderModel], money_fit: Fit[GammaGamma],
    *, regularity: Regularity | None = None, level: float = LEVEL,
) -> Forecast:  # fmt: skip
    """The same with fits at hand, such as last week's or of more people. `rows` are the records' (`alike(…, who=True)`)."""
    (found,) = forecasts_by(records, rows, (horizon,), orders_fit, money_fit, regularity=regularity, level=level)
    return found


def forecasts_by(
    records: Records, rows: Rows, horizons: Sequence[float], orders_fit: Fit[OrderModel], money_fit: Fit[GammaGamma],
    *, regularity: Regularity | None = None, level: float = LEVEL,
) -> list[Forecast]:  # fmt: skip
    """The same for several horizons; what they have in common is reckoned once."""
    some = gamma_gamma.spending(records)
    money = _money(records, rows, some, money_fit)
    own = own_silence(rows, regularity or Regularity(1.0, 0))
    correlation, found = some.correlation, []
    for horizon in horizons:
        orders = _orders(rows, horizon, orders_fit, level)
        spread = None
        if orders.spread is not None and money_fit.model is not None:
            spread = money_spread(orders.spread, rows.frequency, money_fit.model, level)
        found.append(
            Forecast(
                _table(records, rows, orders, money, spread, own), horizon, level,
                _total_orders(rows, orders, level),
                _total_money(records, rows, orders, money, spread, money_fit, level),
                orders.by, money.by, orders.why, money_fit.why, orders_fit, money_fit, correlation,
            )
        )  # fmt: skip
    return found


def _orders(rows: Rows, horizon: float, fit: Fit[OrderModel], level: float) -> _Orders:
    model, why = fit.model, fit.why
    if model is not None:
        mean, lean = model.expected(rows, horizon), _lean(fit, model, rows, horizon)
        if lean.variance(rows.people) ** 0.5 <= UNSURE * float(rows.people @ mean):
            return _Orders(fit.name, "", mean, model, lean, spread(model, rows, horizon, level, mean))
        why = "unsure"
    rate = pooled_rate(rows)
    if rate is None:
        return _Orders(UNKNOWN, why, np.full(len(rows), np.nan))
    return _Orders(RATE, why, np.full(len(rows), rate * horizon))


def _lean(fit: Fit[OrderModel], model: OrderModel, rows: Rows, horizon: float) -> _Lean:
    stride = -(-len(rows) // _LOOKED_AT) if len(rows) > _LOOKED_AT else 1
    some = rows.at(np.arange(0, len(rows), stride))
    return _Lean(stride, _nudged(model, lambda moved: moved.expected(some, horizon)), fit.covariance)


def _money(records: Records, rows: Rows, some: Spending, fit: Fit[GammaGamma]) -> _Money:
    def summed(of_people: Floats) -> Floats:
        return np.bincount(rows.of, of_people, len(rows)).astype(np.float64)

    if fit.model is None:
        mean = pooled_mean(some)
        value = np.nan if mean is None else mean.fen
        by = UNKNOWN if mean is None else MEAN
        return _Money(by, np.full(len(records), value), summed(np.full(len(records), value)))
    times = _times(records)
    value_of_each = fit.model.expected(times, records.spent_fen)
    # Bounds are reckoned once for all who are alike in their times; those who paid nothing at theirs have none.
    bounded = times == records.frequency
    scale = np.where(bounded, fit.model.scale(records.spent_fen), np.nan)
    squares = np.array([summed(np.where(bounded, of, 0.0) ** 2) for of in (scale, value_of_each)])
    return _Money(fit.name, value_of_each, summed(value_of_each), scale, squares)


def _times(records: Records) -> Floats:
    """How often each came back and paid."""
    return np.where(records.spent_fen > 0, records.frequency, 0)


def _table(
    records: Records, rows: Rows, orders: _Orders, money: _Money, spread: MoneySpread | None, own: Floats
) -> pa.Table:
    of, nothing = rows.of, np.full(len(records), np.nan)
    low, high = (orders.spread.low, orders.spread.high) if orders.spread else (None, None)
    money_low = spread.low[of] * money.scale if spread and money.scale is not None else nothing
    money_high = spread.high[of] * money.scale if spread and money.scale is not None else nothing
    own = own[of]
    columns = [
        pa.array(records.person),
        _numbers(None if orders.model is None else orders.model.alive(rows)[of], len(of)),
        _numbers(orders.mean[of], len(of)),
        _wholes(nothing if low is None else low[of]),
        _wholes(nothing if high is None else high[of]),
        _said(orders.by, len(of)),
        _wholes(orders.mean[of] * money.value),
        _wholes(money_low),
        _wholes(money_high),
        _said(money.by, len(of)),
        _numbers(None if orders.model is None else orders.model.silence(rows)[of], len(of)),
        _numbers(own, len(of)),
        pa.array(own < SLIPPING, mask=np.isnan(own)),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _numbers(values: Floats | None, length: int) -> pa.Array:
    return pa.nulls(length, pa.float64()) if values is None else pa.array(values, mask=np.isnan(values))


def _wholes(values: Floats) -> pa.Array:
    unknown = ~np.isfinite(values)
    return pa.array(np.rint(np.where(unknown, 0, values)).astype(np.int64), mask=unknown)


def _said(word: str, length: int) -> pa.Array:
    return pa.repeat(pa.scalar(word), length)


def _total_orders(rows: Rows, orders: _Orders, level: float) -> Total | None:
    if orders.by == UNKNOWN:
        return None
    value = float(rows.people @ orders.mean)
    if orders.spread is None or orders.lean is None:
        return Total(value, None, None)
    chance = float(rows.people @ (orders.spread.square - orders.spread.mean**2))
    return _bounded(value, chance + orders.lean.variance(rows.people), level)


def _total_money(
    records: Records, rows: Rows, orders: _Orders, money: _Money, spread: MoneySpread | None, fit: Fit[GammaGamma],
    level: float,
) -> Total | None:  # fmt: skip
    if UNKNOWN in (orders.by, money.by) or not len(records):
        return None
    value = float(orders.mean @ money.of_rows)
    if spread is None or money.squares is None or orders.lean is None or fit.model is None:
        return Total(value, None, None)
    known = ~np.isnan(spread.square)
    chance = float(spread.square[known] @ money.squares[0][known] - orders.mean[known] ** 2 @ money.squares[1][known])
    # Values go in proportion to what was spent, so that of all who came so often the mean is enough.
    times, place = np.unique(_times(records), return_inverse=True)
    each = orders.mean[rows.of]
    awaited, paid = (np.bincount(place, weight, len(times)) for weight in (each, each * records.spent_fen))
    spent: Floats = np.divide(paid, awaited, out=np.zeros(len(times)), where=awaited > 0)
    slope = _nudged(fit.model, lambda model: model.expected(times, spent)) @ awaited
    doubt = orders.lean.variance(money.of_rows) + float(slope @ fit.covariance @ slope)
    return _bounded(value, chance + doubt, level)


def _bounded(value: float, variance: float, level: float) -> Total:
    reach = float(ndtri((1 + level) / 2)) * variance**0.5
    return Total(value, max(value - reach, 0.0), value + reach)


def _nudged(model: M, numbers: Callable[[M], Floats]) -> Floats:
    """Slopes of numbers by the logarithm of each parameter."""
    values, slopes = model.values(), []
    for place in range(len(values)):
        aside = np.ones(len(values))
        aside[place] = np.exp(_NUDGE)
        more, less = (numbers(model.of(moved)) for moved in (values * aside, values / aside))
        slopes.append((more - less) / (2 * _NUDGE))
    return np.array(slopes)
