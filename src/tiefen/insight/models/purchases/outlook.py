"""What everybody is expected to order and to pay, by the model that has the better past; and how right it was.

Two models of who comes back are fitted. Both are also fitted to the past as it stood a while ago, and asked of the days that
followed: the one nearer to what came then speaks now. Where none stands by its parameters, the pooled rate does, and says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.special import betaincinv

from tiefen.insight.engine import Tables
from tiefen.insight.models.purchases import bg_nbd, gamma_gamma
from tiefen.insight.models.purchases.backtest import Backtest, backtest
from tiefen.insight.models.purchases.coarse import rows_to_ask
from tiefen.insight.models.purchases.fitting import Fit, no_fit
from tiefen.insight.models.purchases.forecasts import UNKNOWN, Forecast, forecasts_by
from tiefen.insight.models.purchases.gamma_gamma import GammaGamma
from tiefen.insight.models.purchases.models import BY_NAME, ORDER_MODELS, OrderModel
from tiefen.insight.models.purchases.orders import Visits, number_of, records, regularity, since, until, visits_in
from tiefen.insight.models.purchases.pooled import MEAN, RATE, pooled_mean, pooled_rate
from tiefen.insight.models.purchases.records import Floats, Records, Rows, alike
from tiefen.insight.models.purchases.rhythm import LEAST_WAITS, SLIPPING, Regularity
from tiefen.insight.window import Window

HORIZONS = (90, 365)
"""Days to come that are spoken of."""
YEAR = 365
HELD_OUT, LEAST_HELD_OUT = 90, 14
"""The days at the end that a model is tried on: at most a third of what is known."""
LEAST_HELD_PEOPLE = 30


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of everybody who ever ordered, and of the models that were asked."""

    people: pa.Table
    models: pa.Table


@dataclass(frozen=True, slots=True)
class _Past:
    """The records as they stood `days` ago, and what came since."""

    days: int
    records: Records
    rows: Rows
    orders: Floats
    fen: Floats


def outlook(t: Tables, w: Window) -> Outlook:
    """As of the end of a window. Reckoned once, however many numbers are made of it."""
    return t.held(f"outlook_{w.end:%Y%m%d}", lambda: _outlook(t, w))


def _outlook(t: Tables, w: Window) -> Outlook:
    visits, today = visits_in(t, w), number_of(w.end)
    known = records(visits, today)
    exact = alike(known, who=True)
    some = gamma_gamma.spending(known)
    fits = {kind.name: kind.fit_rows(exact) for kind in ORDER_MODELS}
    money_fit = gamma_gamma.fit_spending(some)
    past = _past(visits, today, known)
    tests = {} if past is None else _tests(past, fits)
    even = regularity(visits)
    found = _found(known, rows_to_ask(known, exact), [fits[name] for name in _nearest_first(fits, tests)], money_fit)
    people = _people(known, found, even, since(visits, today - YEAR, known.person)[1])
    return Outlook(people, _models(known, fits, money_fit, found, tests, past, even))


def _found(known: Records, rows: Rows, fits: list[Fit[OrderModel]], money_fit: Fit[GammaGamma]) -> dict[int, Forecast]:
    """By the first model that stands by its numbers for every horizon, or by none."""

    def by(fit: Fit[OrderModel]) -> dict[int, Forecast]:
        return dict(zip(HORIZONS, forecasts_by(known, rows, HORIZONS, fit, money_fit), strict=True))

    none = fits[0]
    for fit in fits:
        found = by(fit)
        if all(some.orders_by == fit.name for some in found.values()):
            return found
        none = no_fit(fit.name, fit.names, fit.why or "unsure", fit.people)
    return by(none)


def _nearest_first(fits: dict[str, Fit[OrderModel]], tests: dict[str, Backtest]) -> list[str]:
    """The models that have parameters, those first that were nearest in the days held out; where none has, the usual one."""
    standing = [name for name, fit in fits.items() if fit.converged]
    far = float("inf")
    standing.sort(key=lambda name: tests[name].root_mean_square if name in tests else far)
    return standing or [bg_nbd.NAME]


def _past(visits: Visits, today: int, known: Records) -> _Past | None:
    """What is held out, or None where too little is known for that. An order given back since is left out on both sides."""
    days = min(HELD_OUT, int(known.age.max()) // 3) if len(known) else 0
    if days < LEAST_HELD_OUT:
        return None
    before = records(until(visits, today - days), today - days)
    if len(before) < LEAST_HELD_PEOPLE:
        return None
    return _Past(days, before, alike(before, who=True), *since(visits, today - days, before.person))


def _tests(past: _Past, fits: dict[str, Fit[OrderModel]]) -> dict[str, Backtest]:
    """Of each method of orders and of money, by its name."""
    rows, days = past.rows, float(past.days)
    asked = rows_to_ask(past.records, rows)
    tests: dict[str, Backtest] = {}
    means: dict[str, Floats] = {}
    for name, now in fits.items():
        if now.converged and (model := BY_NAME[name].fit_rows(rows).model) is not None:
            means[name] = model.expected(asked, days)[asked.of]
    rate = pooled_rate(rows)
    if rate is not None:
        means[RATE] = np.full(len(past.records), rate * days)
    for name, mean in means.items():
        tests[name] = backtest(mean, past.orders)
    best = _nearest_first(fits, tests)[0]
    orders = means[best if best in means else RATE] if means else None
    some = gamma_gamma.spending(past.records)
    value = gamma_gamma.fit_spending(some).model
    times = np.where(past.records.spent_fen > 0, past.records.frequency, 0)
    if orders is not None and value is not None:
        tests[gamma_gamma.NAME] = backtest(orders * value.expected(times, past.records.spent_fen), past.fen)
    pooled = pooled_mean(some)
    if orders is not None and pooled is not None:
        tests[MEAN] = backtest(orders * pooled.fen, past.fen)
    return tests


def _people(known: Records, found: dict[int, Forecast], regularity: Regularity, paid: Floats) -> pa.Table:
    near = found[HORIZONS[0]]
    columns: dict[str, Any] = {
        "person": known.person,
        "orders_before": (known.frequency + 1).astype(np.int64),
        "orders_by": near.table["orders_by"],
        "why_orders": pa.repeat(pa.scalar(near.why, pa.string()), len(known)),
        "money_by": near.table["money_by"],
        "why_money": pa.repeat(pa.scalar(near.why_money, pa.string()), len(known)),
        "active_chance": _active(known, near),
    }
    for days, some in found.items():
        for to, name in (
            (f"orders_{days}d", "orders"), (f"orders_{days}d_low", "orders_low"), (f"orders_{days}d_high", "orders_high"),
            (f"money_{days}d_fen", "money_fen"), (f"money_{days}d_low_fen", "money_low_fen"),
            (f"money_{days}d_high_fen", "money_high_fen"),
        ):  # fmt: skip
            columns[to] = some.table[name]
    return pa.table(columns | _rhythm(known, regularity) | {"paid_365d_fen": np.rint(paid).astype(np.int64)})


def _active(known: Records, found: Forecast) -> pa.Array:
    """The chance of not having stopped. BG/NBD has nobody stop before their second order: of those who ordered once it says
    nothing, and neither do we."""
    chance = found.table["alive"].to_numpy(zero_copy_only=False).astype(np.float64)
    if found.orders_by == bg_nbd.NAME:
        chance = np.where(known.frequency > 0, chance, np.nan)
    return pa.array(chance, pa.float64(), mask=np.isnan(chance))


def _rhythm(known: Records, regularity: Regularity) -> dict[str, pa.Array]:
    """How long they usually wait, how long it is now, and from when on that is not usual for them.

    By their own waits alone (`rhythm`): of a share recency ÷ age, so that the border depends on how many waits there were.
    """
    has = (known.frequency >= LEAST_WAITS) & (known.recency > 0)
    times, place = np.unique(known.frequency, return_inverse=True)
    border = betaincinv(regularity.shape * np.maximum(times, 1), regularity.shape, SLIPPING)[place]
    usual = np.divide(known.recency, known.frequency, out=np.zeros(len(known)), where=has)
    gap = known.age - known.recency
    after = np.divide(known.recency * (1 - border), border, out=np.zeros(len(known)), where=has)
    return {
        "usual_gap_days": pa.array(usual, mask=~has),
        "gap_days": pa.array(gap.astype(np.int64)),
        "slips_after_days": pa.array(np.minimum(after, 1e6), mask=~has),
        "slipping": pa.array(gap > after, mask=~has),
    }


def _models(
    known: Records, fits: dict[str, Fit[OrderModel]], money_fit: Fit[GammaGamma], found: dict[int, Forecast],
    tests: dict[str, Backtest], past: _Past | None, regularity: Regularity,
) -> pa.Table:  # fmt: skip
    near, far = (found[days] for days in HORIZONS)
    rows = [_model("orders", name, fit, near.orders_by, _why(fit, name, near)) for name, fit in fits.items()]
    rows.append(_model("orders", RATE, None, near.orders_by, ""))
    rows.append(_model("money", gamma_gamma.NAME, money_fit, near.money_by, money_fit.why))
    rows.append(_model("money", MEAN, None, near.money_by, ""))
    for row in rows:
        row |= {
            "people": len(known), "again": int((known.frequency > 0).sum()), "shape": regularity.shape,
            "pairs": regularity.pairs, "correlation": near.correlation,
        }  # fmt: skip
        row |= _totals(row, near, far) if row["spoke"] else {}
        row |= _test(tests.get(row["model"]), past)
    return pa.Table.from_pylist(rows, schema=MODELS)


def _why(fit: Fit[OrderModel], name: str, near: Forecast) -> str:
    """Why a model has nothing to say; that it is unsure is only found out when it is asked."""
    return fit.why or (near.why if near.orders_fit.name == name else "")


def _model(of: str, name: str, fit: Fit[Any] | None, by: str, why: str) -> dict[str, Any]:
    parameters = []
    if fit is not None and fit.model is not None:
        bounds = fit.interval()
        for parameter, value in zip(fit.names, fit.model.values(), strict=True):
            low, high = bounds[parameter]
            parameters.append({"name": parameter, "value": float(value), "low": low, "high": high})
    likelihood = fit.log_likelihood if fit is not None and fit.converged else None
    return {
        "of": of, "model": name, "spoke": by == name and by != UNKNOWN, "why": why,
        "parameters": json.dumps(parameters), "log_likelihood": likelihood,
        "fitted_to": None if fit is None else fit.people,
    }  # fmt: skip


def _totals(row: dict[str, Any], near: Forecast, far: Forecast) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for days, some in zip(HORIZONS, (near, far), strict=True):
        total = some.orders if row["of"] == "orders" else some.money_fen
        if total is not None:
            found |= {f"total_{days}d": total.value, f"total_{days}d_low": total.low, f"total_{days}d_high": total.high}
    return found


def _test(test: Backtest | None, past: _Past | None) -> dict[str, Any]:
    if test is None or past is None:
        return {}
    return {
        "held_out_days": past.days, "held_out_people": test.people, "predicted": test.expected, "came": test.actual,
        "increment_error": test.increment_error, "mean_error": test.mean_error,
        "mean_error_of_none": test.actual / test.people, "root_mean_square": test.root_mean_square,
        "held_out_correlation": test.correlation, "capture": test.capture, "best_capture": test.best_capture,
    }  # fmt: skip


_REALS = (
    "log_likelihood", "shape", "correlation", "total_90d", "total_90d_low", "total_90d_high", "total_365d",
    "total_365d_low", "total_365d_high", "predicted", "came", "increment_error", "mean_error", "mean_error_of_none",
    "root_mean_square", "held_out_correlation", "capture", "best_capture",
)  # fmt: skip
MODELS = pa.schema([
    ("of", pa.string()), ("model", pa.string()), ("spoke", pa.bool_()), ("why", pa.string()),
    ("parameters", pa.string()), ("people", pa.int64()), ("again", pa.int64()), ("fitted_to", pa.int64()),
    ("pairs", pa.int64()), ("held_out_days", pa.int64()), ("held_out_people", pa.int64()),
    *((name, pa.float64()) for name in _REALS),
])  # fmt: skip
"""One row a method: what it is of (orders, money), whether it spoke, its parameters (JSON), and how right it was."""
