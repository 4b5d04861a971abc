"""Who bought what, as numbers: people and goods by place, one entry for each pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Matrix = Any
"""A sparse matrix, people × goods unless said otherwise."""


@dataclass(frozen=True, slots=True)
class Baskets:
    """Pairs of a person and a good they bought, sorted by person."""

    person: Ints
    """Place of the person, from 0."""
    item: Ints
    """Place of the good, from 0."""
    times: Floats
    """On how many days."""
    fresh: Floats
    """The same, a purchase counting `FADING` times less with every later basket of that person."""
    last: Ints
    """The last day."""
    people: int
    items: int

    def bought(self) -> Matrix:
        """1 where somebody bought something."""
        return self._matrix(np.ones(len(self.person)))

    def often(self) -> Matrix:
        """How often and how lately."""
        return self._matrix(self.fresh)

    def buyers(self) -> Floats:
        """How many people bought each good."""
        return np.bincount(self.item, minlength=self.items).astype(np.float64)

    def again(self) -> Floats:
        """How many people bought each good on more than one day."""
        return np.bincount(self.item[self.times > 1], minlength=self.items).astype(np.float64)

    def sales(self) -> Floats:
        """How often each good was in a basket."""
        return np.bincount(self.item, self.times, self.items).astype(np.float64)

    def _matrix(self, values: Floats) -> Matrix:
        return sp.csr_matrix((values, (self.person, self.item)), shape=(self.people, self.items))


FADING = 0.95


def baskets(person: Ints, item: Ints, day: Ints, people: int, items: int) -> Baskets:
    """Of purchases in any order; the same good twice on a day is one. A day of a person is a basket."""
    some = np.unique(np.stack((person, day, item)), axis=1) if len(person) else np.empty((3, 0), np.int64)
    person, day, item = some
    new = np.ones(len(person), bool)
    new[1:] = (person[1:] != person[:-1]) | (day[1:] != day[:-1])
    number = np.cumsum(new)
    latest = np.zeros(people, np.int64)
    np.maximum.at(latest, person, number)
    weight = FADING ** (latest[person] - number).astype(np.float64)
    key, place = np.unique(person * items + item, return_inverse=True)
    last = np.full(len(key), np.iinfo(np.int64).min)
    np.maximum.at(last, place, day)
    times, fresh = np.bincount(place, minlength=len(key)), np.bincount(place, weight, len(key)).astype(np.float64)
    return Baskets(key // max(items, 1), key % max(items, 1), times.astype(np.float64), fresh, last, people, items)
