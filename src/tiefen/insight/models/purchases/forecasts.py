"""What people are expected to order and to pay in the time to come, one row a person, and together; with how sure that is.

`forecast(records, 90)` is all it takes. Which method made a number is in the row beside it: where a model cannot stand by its
parameters, a simple estimate takes its place under its own name, without what it cannot know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import ndtri

from tiefen.insight.models.purchases import gamma_gamma
from tiefen.insight.models.purchases.fitting import Fit, M, WhyNot
from tiefen.insight.models.purchases.gamma_gamma import GammaGamma
from tiefen.insight.models.purchases.models import BY_NAME, OrderModel
from tiefen.insight.models.purchases.pooled import MEAN, RATE, pooled_mean, pooled_rate
from tiefen.insight.models.purchases.records import Floats, Records, Rows, alike
from tiefen.insight.models.purchases.rhythm import SLIPPING, Regularity, own_silence
from tiefen.insight.models.purchases.spread import MoneySpread, Spread, money_spread, spread

USUAL, LEVEL = "bg_nbd", 0.8
UNKNOWN = "unknown"
UNSURE = 0.5
"""A standard error of all orders to come, by the parameters alone, of so much of them: too unsure to be told."""
_NUDGE, _LOOKED_AT = 1e-3, 20_000

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
class _Orders:
    """Of each row."""

    by: str
    why: WhyNot
    mean: Floats
    alive: Floats | None = None
    spread: Spread | None = None
    silence: Floats | None = None


@dataclass(frozen=True, slots=True)
class _Money:
    """Of an order to come of each person; and of the sum, in parts of each one's scale, of each row."""

    by: str
    value: Floats
    scale: Floats | None = None
    spread: MoneySpread | None = None


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
    some = gamma_gamma.spending(records)
    orders = _orders(rows, horizon, orders_fit, level)
    money = _money(records, rows, orders, money_fit, level)
    own = own_silence(rows, regularity or Regularity(1.0, 0))
    return Forecast(
        _table(records, rows, orders, money, own), horizon, level,
        _total_orders(rows, horizon, orders, orders_fit, level),
        _total_money(rows, horizon, orders, money, orders_fit, money_fit, records, level),
        orders.by, money.by, orders.why, money_fit.why, orders_fit, money_fit, some.correlation,
    )  # fmt: skip


def _orders(rows: Rows, horizon: float, fit: Fit[OrderModel], level: float) -> _Orders:
    model, why = fit.model, fit.why
    if model is not None and _shaky(rows, horizon, fit, model):
        model, why = None, "unsure"
    if model is not None:
        found = spread(model, rows, horizon, level)
        return _Orders(fit.name, "", model.expected(rows, horizon), model.alive(rows), found, model.silence(rows))
    rate = pooled_rate(rows)
    if rate is None:
        return _Orders(UNKNOWN, why, np.full(len(rows), np.nan))
    return _Orders(RATE, why, np.full(len(rows), rate * horizon))


def _money(records: Records, rows: Rows, orders: _Orders, fit: Fit[GammaGamma], level: float) -> _Money:
    if fit.model is None:
        mean = pooled_mean(gamma_gamma.spending(records))
        if mean is None:
            return _Money(UNKNOWN, np.full(len(records), np.nan))
        return _Money(MEAN, np.full(len(records), mean.fen))
    times = np.where(records.spent_fen > 0, records.frequency, 0)
    value = fit.model.expected(times, records.spent_fen)
    if orders.spread is None:
        return _Money(fit.name, value)
    # Bounds are reckoned once for all who are alike in their times; those who paid nothing at theirs have none.
    scale = np.where(times == records.frequency, fit.model.scale(records.spent_fen), np.nan)
    return _Money(fit.name, value, scale, money_spread(orders.spread, rows.frequency, fit.model, level))


def _table(records: Records, rows: Rows, orders: _Orders, money: _Money, own: Floats) -> pa.Table:
    of, nothing = rows.of, np.full(len(records), np.nan)
    low, high = (orders.spread.low, orders.spread.high) if orders.spread else (None, None)
    money_low = money.spread.low[of] * money.scale if money.spread and money.scale is not None else nothing
    money_high = money.spread.high[of] * money.scale if money.spread and money.scale is not None else nothing
    own = own[of]
    columns = [
        pa.array(records.person),
        _numbers(None if orders.alive is None else orders.alive[of], len(of)),
        _numbers(orders.mean[of], len(of)),
        _wholes(nothing if low is None else low[of]),
        _wholes(nothing if high is None else high[of]),
        _said(orders.by, len(of)),
        _wholes(orders.mean[of] * money.value),
        _wholes(money_low),
        _wholes(money_high),
        _said(money.by, len(of)),
        _numbers(None if orders.silence is None else orders.silence[of], len(of)),
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


def _total_orders(rows: Rows, horizon: float, orders: _Orders, fit: Fit[OrderModel], level: float) -> Total | None:
    if orders.by == UNKNOWN:
        return None
    value = float(rows.people @ orders.mean)
    if orders.spread is None or fit.model is None:
        return Total(value, None, None)
    chance = float(rows.people @ (orders.spread.square - orders.spread.mean**2))
    return _bounded(value, chance + _doubt(fit, lambda model: _expected(model, rows, horizon, rows.people)), level)


def _total_money(
    rows: Rows, horizon: float, orders: _Orders, money: _Money, orders_fit: Fit[OrderModel], money_fit: Fit[GammaGamma],
    records: Records, level: float,
) -> Total | None:  # fmt: skip
    each = orders.mean[rows.of] * money.value
    if UNKNOWN in (orders.by, money.by) or not len(each):
        return None
    value = float(each.sum())
    if money.spread is None or money.scale is None:
        return Total(value, None, None)
    squares = money.spread.square[rows.of] * money.scale**2
    chance = float(np.where(np.isnan(squares), 0, squares - each**2).sum())
    values = np.bincount(rows.of, money.value, len(rows)).astype(np.float64)
    times = np.where(records.spent_fen > 0, records.frequency, 0)
    doubt = _doubt(orders_fit, lambda model: _expected(model, rows, horizon, values))
    doubt += _doubt(money_fit, lambda model: float(orders.mean[rows.of] @ model.expected(times, records.spent_fen)))
    return _bounded(value, chance + doubt, level)


def _bounded(value: float, variance: float, level: float) -> Total:
    reach = float(ndtri((1 + level) / 2)) * variance**0.5
    return Total(value, max(value - reach, 0.0), value + reach)


def _shaky(rows: Rows, horizon: float, fit: Fit[OrderModel], model: OrderModel) -> bool:
    """Whether the parameters leave open how many orders are to come."""

    def orders(some: OrderModel) -> float:
        return _expected(some, rows, horizon, rows.people)

    return not _doubt(fit, orders) ** 0.5 <= UNSURE * orders(model)


def _expected(model: OrderModel, rows: Rows, horizon: float, weight: Floats) -> float:
    """The weighted sum of expected orders; of very many rows, by every so manyth."""
    stride = -(-len(rows) // _LOOKED_AT) if len(rows) > _LOOKED_AT else 1
    taken = weight[::stride]
    found = model.expected(rows.at(np.arange(0, len(rows), stride)), horizon)
    return float(taken @ found * (weight.sum() / taken.sum() if taken.sum() else 1.0))


def _doubt(fit: Fit[M], number: Callable[[M], float]) -> float:
    """The variance that a number has by the parameters: first order, in their logarithms."""
    assert fit.model is not None
    values, slope = fit.model.values(), np.empty(len(fit.names))
    for place in range(len(slope)):
        aside = np.ones(len(slope))
        aside[place] = np.exp(_NUDGE)
        more, less = (number(type(fit.model).of(moved)) for moved in (values * aside, values / aside))
        slope[place] = (more - less) / (2 * _NUDGE)
    return float(slope @ fit.covariance @ slope)
