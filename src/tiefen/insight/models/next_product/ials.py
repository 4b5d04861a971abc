"""iALS: people and goods as points, near where something was bought (Hu, Koren and Volinsky 2008). For many goods.

All least-squares problems of one side are solved at once by a few steps of conjugate gradients from where they stood
(Takács, Pilászy and Tikk 2011), in sparse products alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from tiefen.insight.models.next_product.baskets import Floats, Matrix

_AT_ONCE = 200_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen on film ratings, on a part held out of the part to learn from."""

    factors: int = 64
    penalty: float = 40.0
    weight: float = 5.0
    """How much more a purchase counts than that there was none."""
    rounds: int = 12
    steps: int = 4


USUAL = Settings()


@dataclass(frozen=True, slots=True)
class Ials:
    """Goods as points."""

    items: Floats
    settings: Settings

    def people(self, bought: Matrix) -> Floats:
        """People as points, from what they bought; the scores are `people @ items.T`."""
        start = np.zeros((bought.shape[0], self.items.shape[1]))
        return _solved(sp.csr_matrix(bought), self.items, start, self.settings, 3 * self.settings.steps)


def ials(bought: Matrix, settings: Settings = USUAL, seed: int = 7) -> Ials:
    """Learned from people × goods."""
    rows, columns = sp.csr_matrix(bought), sp.csr_matrix(bought.T)
    dice = np.random.default_rng(seed)
    items = dice.normal(0, 0.1 / settings.factors**0.5, (columns.shape[0], settings.factors))
    people = np.zeros((rows.shape[0], settings.factors))
    for _ in range(settings.rounds):
        people = _solved(rows, items, people, settings, settings.steps)
        items = _solved(columns, people, items, settings, settings.steps)
    return Ials(items, settings)


def _solved(seen: Matrix, others: Floats, start: Floats, settings: Settings, steps: int) -> Floats:
    """For each row r: (OᵀO + w Σ oᵢoᵢᵀ + λ) x = (1 + w) Σ oᵢ over what was seen in r, by `steps` of conjugate gradients."""
    row = np.repeat(np.arange(seen.shape[0]), np.diff(seen.indptr))
    grown = others.T @ others
    grown[np.diag_indices_from(grown)] += settings.penalty

    def times(x: Floats) -> Floats:
        weights = settings.weight * _products(x, others, row, seen.indices)
        extra = sp.csr_matrix((weights, seen.indices, seen.indptr), shape=seen.shape)
        return np.asarray(x @ grown + extra @ others)

    pattern = sp.csr_matrix((np.full(len(row), 1 + settings.weight), seen.indices, seen.indptr), shape=seen.shape)
    x = start.copy()
    left = pattern @ others - times(x)
    way, size = left.copy(), (left**2).sum(axis=1)
    for _ in range(steps):
        moved = times(way)
        along = (way * moved).sum(axis=1)
        length = np.divide(size, along, out=np.zeros_like(size), where=along > 1e-30)[:, None]
        x += length * way
        left -= length * moved
        then = (left**2).sum(axis=1)
        way = left + np.divide(then, size, out=np.zeros_like(size), where=size > 1e-30)[:, None] * way
        size = then
    return x


def _products(x: Floats, others: Floats, row: np.ndarray, column: np.ndarray) -> Floats:
    """x[row] · others[column], a stretch at a time."""
    found = np.empty(len(row))
    for begin in range(0, len(row), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        found[some] = np.einsum("ij,ij->i", x[row[some]], others[column[some]])
    return found
