"""People who order as a model says, for tests of it; and people told one by one."""

from __future__ import annotations

import numpy as np

from tiefen.insight.models.purchases.bg_nbd import BgNbd
from tiefen.insight.models.purchases.gamma_gamma import GammaGamma
from tiefen.insight.models.purchases.pareto_nbd import ParetoNbd
from tiefen.insight.models.purchases.records import Floats, Records, Rows, apart

PUBLISHED = BgNbd(0.243, 4.414, 0.793, 2.426)
PUBLISHED_PARETO = ParetoNbd(0.553, 10.578, 0.606, 11.669)
PUBLISHED_MONEY = GammaGamma(6.25, 3.74, 1544.0)


def told(*people: tuple[float, float, float], spent: tuple[float, ...] | None = None) -> Records:
    """Records from (frequency, recency, age) of each."""
    frequency, recency, age = np.array(people, float).reshape(-1, 3).T
    return Records(np.arange(len(people)), frequency, recency, age, np.array(spent or [0.0] * len(people)))


def rows_of(*people: tuple[float, float, float]) -> Rows:
    known = told(*people)
    return apart(known.frequency, known.recency, known.age)


def simulated(
    model: BgNbd | ParetoNbd, people: int, *, age: tuple[float, float], horizon: float, seed: int = 5,
    money: GammaGamma = PUBLISHED_MONEY,
) -> tuple[Records, Floats, Floats]:  # fmt: skip
    """Records of people who live as the model says; how many orders each made within `horizon` after, and for how many fen."""
    dice = np.random.default_rng(seed)
    ages = dice.uniform(*age, people)
    rates = dice.gamma(model.r, 1 / model.alpha, people)
    if isinstance(model, BgNbd):
        chance, stops = dice.beta(model.a, model.b, people), np.full(people, np.inf)
    else:
        chance, stops = np.zeros(people), dice.exponential(1 / dice.gamma(model.s, 1 / model.beta, people))
    own = dice.gamma(money.q, 1 / money.gamma, people)
    frequency, recency, spent, came, paid = np.zeros((5, people))
    now, going = np.zeros(people), np.arange(people)
    while len(going):
        now[going] += dice.exponential(1 / rates[going])
        going = going[now[going] < np.minimum(stops, ages + horizon)[going]]
        value = np.rint(dice.gamma(money.p, 1 / own[going])) + 1
        past = now[going] <= ages[going]
        frequency[going] += past
        recency[going[past]] = now[going[past]]
        spent[going] += value * past
        came[going] += ~past
        paid[going] += value * ~past
        going = going[dice.random(len(going)) >= chance[going]]
    return Records(np.arange(people), frequency, recency, ages, spent), came, paid
