"""The four outcomes of every group beside each other: growth, retention, survival, volume; grade A and grade B apart.

Each with its interval, its trend over half a year and its place among groups of like size and age. There is no sum of them.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.kernels.outcomes import Floats, Windows, bounds, peers, trend
from tiefen.insight.metrics.groups import outcomes
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window

WINDOWS = 6
OUTCOMES = ("growth", "retention", "survival", "volume")
METRICS: dict[tuple[str, str], str] = {
    ("growth", "A"): "member_growth",
    ("growth", "B"): "speaker_growth",
    ("retention", "A"): "member_retention",
    ("retention", "B"): "speaker_retention",
    ("survival", "A"): "member_survival",
    ("survival", "B"): "talk_survival",
    ("volume", "B"): "talk_volume",
}
"""The metric behind each; memberships alone do not tell volume."""
_SERIES: dict[str, outcomes.Series] = {
    "member_growth": outcomes.member_growth, "speaker_growth": outcomes.speaker_growth,
    "member_retention": outcomes.member_retention, "speaker_retention": outcomes.speaker_retention,
    "member_survival": outcomes.member_survival, "talk_survival": outcomes.talk_survival,
    "talk_volume": outcomes.talk_volume,
}  # fmt: skip
_EPOCH = date(1970, 1, 1)

SCHEMA = pa.schema([
    ("group", pa.int64()),
    ("outcome", pa.string()),
    ("grade", pa.string()),
    ("metric", pa.string()),           # its key in the catalogue
    ("part", pa.float64()),
    ("whole", pa.float64()),           # 0: not known
    ("low", pa.float64()),             # with 95 %
    ("high", pa.float64()),
    ("trend", pa.float64()),           # change from window to window; of volume the relative one
    ("trend_low", pa.float64()),
    ("trend_high", pa.float64()),
    ("peers", pa.int64()),             # groups of like size and age that have this number
    ("peer_rank", pa.int64()),         # 1 is the best of them and this one; null with fewer than 5
    ("series", pa.list_(pa.float64())),  # its value in each window, the newest last
])  # fmt: skip


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    group = t.arrow(t["group"].select("group").order_by("group"))["group"].to_numpy()
    if not len(group):
        return SCHEMA.empty_table()
    size, age = _size_and_age(made["group_days"], group, w)
    windows = {metric: _windows(t, w, series, group) for metric, series in _SERIES.items()}
    values = np.column_stack([some.value[:, 0] for some in windows.values()])
    counted, rank = peers(size, age, values)
    tables = []
    for (outcome, grade), metric in METRICS.items():
        column = list(windows).index(metric)
        some = windows[metric]
        low, high = bounds(some, outcome)
        slope = trend(some, outcome)
        known = some.whole[:, 0] > 0
        numbers = [some.part[:, 0], np.where(known, some.whole[:, 0], 0.0), low, high, *slope]
        tables.append(pa.Table.from_arrays([
            pa.array(group), pa.repeat(pa.scalar(outcome), len(group)), pa.repeat(pa.scalar(grade), len(group)),
            pa.repeat(pa.scalar(metric), len(group)), *(_numbers(n, known) for n in numbers[:1]), pa.array(numbers[1]),
            *(_numbers(n, known) for n in numbers[2:]), pa.array(counted[:, column]),
            pa.array(rank[:, column], mask=rank[:, column] < 0), _lists(some.value[:, ::-1]),
        ], schema=SCHEMA))  # fmt: skip
    return pa.concat_tables(tables)


def _windows(t: Tables, w: Window, series: outcomes.Series, group: np.ndarray) -> Windows:
    rows = t.arrow(series(t, w, WINDOWS))
    found = [np.full((len(group), WINDOWS), np.nan) for _ in range(3)]
    at = np.searchsorted(group, rows["group"].to_numpy())
    at = np.minimum(at, len(group) - 1)
    some = group[at] == rows["group"].to_numpy()
    ago = rows["ago"].to_numpy()
    for numbers, name in zip(found, ("part", "whole", "moved"), strict=True):
        column = rows[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
        numbers[at[some], ago[some]] = column[some]
    return Windows(*found)


def _size_and_age(days: pa.Table, group: np.ndarray, w: Window) -> tuple[Floats, Floats]:
    """Members now and days since the first record; 0 where nothing is known."""
    size, age = np.zeros(len(group)), np.zeros(len(group))
    if days.num_rows:
        whose = days["group"].to_numpy()
        day = days["day"].cast(pa.int32()).to_numpy().astype(np.int64)
        some, first, rows = np.unique(whose, return_index=True, return_counts=True)
        at = np.searchsorted(group, some)
        ok = (at < len(group)) & (group[np.minimum(at, len(group) - 1)] == some)
        size[at[ok]] = days["members"].to_numpy()[first + rows - 1][ok]
        age[at[ok]] = ((w.end - _EPOCH).days - day[first] + 1)[ok]
    return size, age


def _numbers(values: Floats, known: np.ndarray) -> pa.Array:
    return pa.array(np.where(np.isfinite(values), values, 0.0), mask=~known | ~np.isfinite(values))


def _lists(values: Floats) -> pa.Array:
    flat = values.ravel()
    offsets = np.arange(0, len(flat) + 1, values.shape[1], dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.nan_to_num(flat), mask=np.isnan(flat)))


TABLE = ReadingTable("group_outcomes", "算每个群的四个结果", "The four outcomes of every group", of, ("group",))
