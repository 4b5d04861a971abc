"""Who is to be placed, what is known of them, and what a person wants kept together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Crowd:
    """People by position: every array has one entry for each of them, ties name two positions."""

    people: Ints
    tie_a: Ints
    tie_b: Ints
    tie_weight: Floats
    """How often the two addressed one another; each pair once, nobody with themselves."""
    circle: Ints
    """The circle somebody belongs to, or `NOBODY` (-1)."""
    leader: Bools
    joined: Ints
    """Any number that grows with the day somebody joined; for comparison only."""
    kinds: Mapping[str, Ints] = field(default_factory=dict)
    """Attribute → which of its values somebody has, by number; -1 where nobody knows."""
    numbers: Mapping[str, Floats] = field(default_factory=dict)
    """Attribute → a number such as age; NaN where nobody knows."""

    @property
    def size(self) -> int:
        return len(self.people)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each thing counts: 0 not at all, 1 as usual, 3 before all. “三近一反” is three attributes in `near` and one
    in `contrast`."""

    ties: float = 1.0
    circles: float = 1.0
    near: Mapping[str, float] = field(default_factory=dict)
    """Attribute → how much alike people belong together."""
    contrast: Mapping[str, float] = field(default_factory=dict)
    """Attribute → how much each part should have its share of every value."""
    leaders: float = 1.0
    """How much every part should have its share of the leaders."""
