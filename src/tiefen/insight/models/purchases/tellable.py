"""Whether records can tell a model of returning anything, before it is asked."""

from __future__ import annotations

from tiefen.insight.models.purchases.fitting import WhyNot
from tiefen.insight.models.purchases.records import Rows


def untellable(rows: Rows) -> WhyNot:
    """Why no model can be learned from these; empty where one may be."""
    if not len(rows):
        return "nobody"
    if not rows.age.any():
        return "no_time"
    if not rows.frequency.any():
        return "nobody_repeats"
    return "all_alike" if len(rows) == 1 else ""
