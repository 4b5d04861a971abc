"""Columns of the forecasts as numbers of the catalogue."""

from __future__ import annotations

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ir
from tiefen.insight.metrics.persons import base
from tiefen.insight.window import Window


def forecast_of(t: Tables, w: Window, column: str) -> ir.Table:
    """(person, part, 1) of those of whom it can be said."""
    from tiefen.insight.models.purchases.outlook import outlook  # scipy: only a reading needs it

    known = t.kept(f"forecasts_{w.end:%Y%m%d}", lambda: t.given(f"forecasts_{w.end:%Y%m%d}", outlook(t, w).people))
    known = known.filter(known[column].notnull())
    return base.those(t, w, known.select("person", part=known[column]))
