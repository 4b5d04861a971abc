"""What a metric is: a name in two languages, a definition, and an expression that answers for everybody at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.window import Window

Unit = Literal["count", "share", "mean", "index", "seconds", "fen", "days"]
Better = Literal["higher", "lower", "neither"]
Grade = Literal["A", "B"]
Per = Literal["group", "person", "source"]

EVER = 0
"""`looks_back` of a number that looks at everything up to the end of the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number with a name. Its value is part ÷ whole; whole 0, or no row at all, means that it is not known."""

    key: str
    per: Per
    zh: str
    en: str
    definition_zh: str
    definition_en: str
    formula: str
    unit: Unit
    better: Better
    grade: Grade
    """A needs memberships, orders or costs only; B needs messages."""
    of: Callable[[Tables, Window], ir.Table]
    """An Ibis table (<per>, part, whole) with at most one row for each group, person or source."""
    source: str
    """Where the definition comes from."""
    kinds: tuple[str, ...]
    """The kinds of facts it is made of, for whoever wants to see them."""
    looks_back: int | None = None
    """Days before the end of the window that it looks at: None for the window itself, `EVER` for all."""
