"""Many values, few enough at a time for one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

_T = TypeVar("_T")

SIZE = 900
"""Below the thousand parameters that old builds of SQLite stop at."""


def slices(values: Sequence[_T], size: int = SIZE) -> Iterator[Sequence[_T]]:
    """The values in their order, at most `size` at a time; nothing where there are none."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
