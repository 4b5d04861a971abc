"""A reading of everything over 20 M facts, and each metric beside the same question in hand-written SQL."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import _world
from benchmarks._questions import MODELLED, by_hand
from tiefen.insight.catalogue import METRICS
from tiefen.insight.engine import Tables, opened
from tiefen.insight.window import Window
from tiefen.kit.clock import day_of, from_us, start_of
from tiefen.kit.settings import Settings
from tiefen.ledger.snapshot import Snapshot

CACHE = Path(".cache/bench")
_ALONE = """
import json, resource, sys, time
from pathlib import Path
from benchmarks import _world
from tiefen.insight.reading import read_everything
from tiefen.kit.settings import Settings
snapshot = _world.make(Path(sys.argv[1]), _world.LARGE if sys.argv[2] == "large" else _world.SMALL)
steps, began = {}, time.monotonic()
read_everything(snapshot, Settings(data=Path(sys.argv[3])), lambda done, zh, en: steps.setdefault(en, time.monotonic() - began))
print(json.dumps({"seconds": time.monotonic() - began, "steps": steps,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def run(quick: bool = False) -> dict[str, Any]:
    """Seconds and peak memory of a whole reading in a process of its own; ratios metric by metric."""
    size = _world.SMALL if quick else _world.LARGE
    snapshot = _world.make(CACHE, size)
    figures: dict[str, Any] = {"facts": size.facts, "people": size.people, "groups": size.groups}
    with tempfile.TemporaryDirectory() as data:
        done = subprocess.run(
            [sys.executable, "-c", _ALONE, str(CACHE), "small" if quick else "large", data],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        whole = json.loads(done.stdout)
        figures["everything_seconds"], figures["everything_peak_mb"] = whole["seconds"], whole["peak_mb"]
        steps = [*whole["steps"].items(), ("", whole["seconds"])]
        for (name, at), (_, then) in itertools.pairwise(steps):
            figures[f"  {name}"] = then - at
        figures |= _ratios(snapshot, Settings(data=Path(data)))
    return figures


def _ratios(snapshot: Snapshot, settings: Settings) -> dict[str, Any]:
    window = Window.ending(day_of(snapshot.taken_us, snapshot.time_zone))
    start, end = (from_us(start_of(day, snapshot.time_zone)) for day in (window.start, window.after()))
    figures: dict[str, Any] = {}
    ratios = []
    for metric in METRICS:
        if (metric.per, metric.key) in MODELLED:
            continue
        ours, theirs = [], []
        for _ in range(3):
            with opened(snapshot, settings) as tables:
                sql = by_hand(metric.per, metric.key, start=start, end=end, as_of=from_us(tables.end_us(window)))
                ours.append(_seconds(lambda tables=tables, metric=metric: tables.arrow(metric.of(tables, window))))
                theirs.append(_seconds(lambda tables=tables, sql=sql: _ask(tables, sql)))
        ratio = min(ours) / min(theirs)
        ratios.append(ratio)
        figures[f"  {metric.per} {metric.key}: ours s / by hand s / ratio"] = (
            f"{min(ours):.2f} / {min(theirs):.2f} / {ratio:.2f}"
        )
    figures["ratio_median"], figures["ratio_largest"] = median(ratios), max(ratios)
    return figures


def _ask(tables: Tables, sql: str) -> object:
    return tables.raw(sql)


def _seconds(do: Any) -> float:
    began = time.monotonic()
    do()
    return time.monotonic() - began
