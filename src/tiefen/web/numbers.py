"""Numbers as the console gets them: part, whole and unit. Whole 0 or null means that nobody knows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from tiefen.insight.metric import Metric


class Num(BaseModel):
    """part ÷ whole; the page shows "—" where whole is 0 or null."""

    part: float | None
    whole: float | None
    unit: str


def num(part: float | None, whole: float | None, unit: str) -> dict[str, Any]:
    return {"part": known(part), "whole": known(whole), "unit": unit}


def count(part: float | None) -> dict[str, Any]:
    """A plain count; None is unknown."""
    return num(part, None if part is None else 1, "count")


def known(value: float | None) -> float | int | None:
    """The number, whole where it is whole; None where it is none."""
    if value is None or math.isnan(value) or math.isinf(value):
        return None
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else value


def metrics_of(metrics: Iterable[Metric], row: Mapping[str, Any]) -> dict[str, Any]:
    """KEY → Num from the columns `KEY_part` and `KEY_whole` of a reading's row."""
    return {m.key: num(row.get(f"{m.key}_part"), row.get(f"{m.key}_whole"), m.unit) for m in metrics}


def value_sql(key: str) -> str:
    """The value of a metric in SQL, NULL where it is unknown. `key` is one of the catalogue's."""
    return f"({key}_part / nullif({key}_whole, 0))"
