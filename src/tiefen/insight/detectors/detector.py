"""What a detector is: a question asked of a reading, whose answer is rare and says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tiefen.insight.metric import Per
from tiefen.insight.reading_table import Made
from tiefen.insight.window import Window


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that stands out."""

    entity_id: int
    severity: int
    """1 worth knowing, 2 worth doing something, 3 urgent."""
    worth: float
    """How many people it concerns, for putting the weightiest first."""
    evidence: tuple[tuple[str, str], ...]
    """The reasons with their numbers, in Chinese and in English."""
    other_id: int | None = None
    """The other group of a pair, or the group in which a person stands out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """A kind of finding."""

    key: str
    zh: str
    en: str
    entity: Per
    of: Callable[[Made, Window], Iterable[Found]]
    todo_zh: str
    todo_en: str


def ratio(row: Mapping[str, Any], key: str) -> float | None:
    """The value of a metric in a row of a reading, or None where it is not known."""
    whole = row[f"{key}_whole"]
    return row[f"{key}_part"] / whole if whole else None


def count(row: Mapping[str, Any], key: str) -> float:
    """A count in a row of a reading; 0 where it is not known."""
    return row[f"{key}_part"] or 0.0
