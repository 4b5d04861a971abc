"""What a metric is: a name in two languages, a definition, and an expression that answers for everybody at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tiefen.insight.engine import Tables
from tiefen.insight.window import Window


Unit = Literal["count", "share", "mean", "index", "seconds", "fen", "days"]
Better = Literal["higher", "lower", "neither"]
Grade = Literal["A", "B"]
Per = Literal["group", "person", "source"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A number with a name. Its value is part ÷ whole; whole 0, or no row at all, means that it is not known."""

    key: str
    zh: str
    en: str
    definition_zh: str
    definition_en: str
    formula: str
    unit: Unit
    better: Better
    grade: Grade
    """A needs memberships only; B needs messages."""
    per: Per
    of: Callable[[Tables, Window], Any]
    """An Ibis table (<per>, part, whole) with at most one row for each group, person or source."""
    source: str
    """Where the definition comes from."""
