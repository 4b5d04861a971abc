"""Numbers for one group over any days, for whoever looks back or looks closer than the current reading does."""

from __future__ import annotations

from tiefen.insight.catalogue import metrics_per
from tiefen.insight.engine import opened
from tiefen.insight.window import Window
from tiefen.kit.settings import Settings
from tiefen.kit.share import Share
from tiefen.ledger.snapshot import Snapshot


def group_numbers(snapshot: Snapshot, settings: Settings, group: int, window: Window) -> dict[str, Share]:
    """Every metric of one group over a window, by key. Takes about a second: they are all computed from the facts."""
    numbers: dict[str, Share] = {}
    with opened(snapshot, settings, group=group, keeping=True) as tables:
        for metric in metrics_per("group"):
            found = metric.of(tables, window)
            rows = tables.arrow(found.filter(found.group == group)).to_pylist()
            numbers[metric.key] = Share(rows[0]["part"] or 0.0, rows[0]["whole"] or 0.0) if rows else Share()
    return numbers
