"""刷屏 — stretches in which one person, one text or adverts come thick and fast, with what makes them stand out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tiefen.kit.clock import SECOND_US

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Flood:
    """A kind of flood: so many messages within so long, each run of them one flood."""

    kind: str
    zh: str
    en: str
    least: int
    within_us: int


ONE_PERSON = Flood("one_person", "一人连发", "one person, message upon message", 10, 60 * SECOND_US)
ONE_TEXT = Flood("one_text", "同样的话一再出现", "the same words again and again", 5, 600 * SECOND_US)
ADVERTS = Flood("adverts", "广告扎堆", "adverts in a burst", 3, 600 * SECOND_US)
KINDS = (ONE_PERSON, ONE_TEXT, ADVERTS)

REPEATED_LENGTH = 10
"""Shorter ones are nods and sign-up lines, which many send at once."""
EXAMPLES, MOST = 3, 50
"""Messages named of each flood; floods told of each group, the largest."""
MINUTE_US = 60 * SECOND_US
FLOODS = pa.schema(
    [
        ("group", pa.int64()), ("kind", pa.string()), ("person", pa.int64()), ("began_us", pa.int64()),
        ("ended_us", pa.int64()), ("messages", pa.int64()), ("people", pa.int64()), ("adverts", pa.int64()),
        ("texts", pa.int64()), ("peak", pa.int64()), ("example_seqs", pa.list_(pa.int64())),
        ("example_us", pa.list_(pa.int64())),
    ]
)  # fmt: skip


def floods(rows: pa.Table) -> pa.Table:
    """Rows (group, seq, person, happened_us, text_hash, length, advert) of whole groups → their floods. `texts` is how many
    different texts there are in one (of those that have words), `peak` the most messages within a minute of it."""
    rows = rows.sort_by([("group", "ascending"), ("happened_us", "ascending"), ("seq", "ascending")])
    group, seq, person, us = (_ints(rows, name) for name in ("group", "seq", "person", "happened_us"))
    text, length = _ints(rows, "text_hash", -1), _ints(rows, "length", 0)
    advert = _ints(rows, "advert", 0) > 0
    found: list[dict[str, object]] = []
    for flood, some, key in (
        (ONE_PERSON, np.ones(len(group), bool), person),
        (ONE_TEXT, (text >= 0) & (length >= REPEATED_LENGTH), text),
        (ADVERTS, advert, np.zeros(len(group), np.int64)),
    ):
        at = np.flatnonzero(some)
        at = at[np.lexsort((at, key[at], group[at]))]
        for begin, end in _runs(group[at], key[at], us[at], flood):
            run = at[begin:end]
            known = text[run][text[run] >= 0]
            who = np.unique(person[run])
            found.append(
                {
                    "group": int(group[run[0]]), "kind": flood.kind, "person": int(who[0]) if len(who) == 1 else None,
                    "began_us": int(us[run[0]]), "ended_us": int(us[run[-1]]), "messages": len(run), "people": len(who),
                    "adverts": int(advert[run].sum()), "texts": len(np.unique(known)), "peak": _peak(us[run]),
                    "example_seqs": seq[run[:EXAMPLES]].tolist(), "example_us": us[run[:EXAMPLES]].tolist(),
                }
            )  # fmt: skip
    found.sort(key=lambda row: (row["group"], -row["messages"], row["began_us"]))  # type: ignore[operator]
    kept: list[dict[str, object]] = []
    for number, row in enumerate(found):
        if number < MOST or found[number - MOST]["group"] != row["group"]:
            kept.append(row)
    return pa.Table.from_pylist(kept, schema=FLOODS)


def _runs(group: Ints, key: Ints, us: Ints, flood: Flood) -> list[tuple[int, int]]:
    """Where floods begin and end among rows ordered by group, key and time: every `least` messages of one key that fit
    into the time, those that touch taken together."""
    n, reach = len(us), flood.least - 1
    if n <= reach:
        return []
    last = np.arange(n - reach) + reach
    first = last - reach
    thick = (group[first] == group[last]) & (key[first] == key[last]) & (us[last] - us[first] <= flood.within_us)
    # How many of those stretches each row is in: a run is where there is at least one without a break.
    steps = np.zeros(n + 1, np.int64)
    np.add.at(steps, first[thick], 1)
    np.add.at(steps, last[thick] + 1, -1)
    inside = np.cumsum(steps[:-1]) > 0
    changes = np.ones(n, bool)
    changes[1:] = (group[1:] != group[:-1]) | (key[1:] != key[:-1])
    begins = inside & (changes | ~np.r_[False, inside[:-1]])
    ends = inside & np.r_[changes[1:] | ~inside[1:], True]
    return list(zip(np.flatnonzero(begins).tolist(), (np.flatnonzero(ends) + 1).tolist(), strict=True))


def _peak(us: Ints) -> int:
    return int((np.arange(len(us)) - np.searchsorted(us, us - MINUTE_US) + 1).max())


def _ints(rows: pa.Table, name: str, unknown: int | None = None) -> Ints:
    column = rows[name].combine_chunks()
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int64())
    if unknown is not None:
        column = column.fill_null(unknown)
    return np.asarray(column.to_numpy(zero_copy_only=False)).astype(np.int64)
