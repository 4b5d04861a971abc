"""近似重复 — which messages of a group say nearly what another says: min-wise hashes of triples of characters, in bands.

Texts that share a band of four minima are compared by all 24, so that what is called alike is, give or take .1.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tiefen.insight.models.talk.grams import grams, mixed

LEAST_LENGTH = 10
ALIKE = 0.7
_BANDS, _ROWS = 6, 4
_AT_ONCE = 100_000
REPEATED = pa.schema([("group", pa.int64()), ("part", pa.int64()), ("whole", pa.int64())])

Hashes = NDArray[np.uint32]


def nearly_repeated(rows: pa.Table) -> pa.Table:
    """Rows (group, seq, text) of whole groups → how many messages of each say nearly what another says, of how many."""
    if not rows.num_rows:
        return REPEATED.empty_table()
    different = pc.unique(rows["text"].cast(pa.string())).sort()  # so that the order of rows changes nothing
    text = pc.index_in(rows["text"].cast(pa.string()), value_set=different).to_numpy().astype(np.int64)
    group = rows["group"].to_numpy().astype(np.int64)
    # A text is looked at once in each group, however often it was said there.
    pairs, of, times = np.unique(np.c_[group, text], axis=0, return_inverse=True, return_counts=True)
    minima = _minima(different.to_pylist())[pairs[:, 1]]
    alike = (times > 1) | _alike(pairs[:, 0], minima)
    groups, at = np.unique(group, return_inverse=True)
    return pa.table(
        {
            "group": groups,
            "part": np.bincount(at, alike[of.ravel()], len(groups)).astype(np.int64),
            "whole": np.bincount(at, minlength=len(groups)),
        },
        schema=REPEATED,
    )


def _minima(texts: list[str]) -> Hashes:
    """(text × 24): the least hash of its triples under each of 24 orders. A text without triples is like no other."""
    found = np.empty((len(texts), _BANDS * _ROWS), np.uint32)
    for start in range(0, len(texts), _AT_ONCE):
        some = texts[start : start + _AT_ONCE]
        pieces = grams(some, 3, 3)
        has, first = np.unique(pieces.text, return_index=True)
        alone = np.setdiff1d(np.arange(len(some)), has)
        for order in range(_BANDS * _ROWS):
            hashed = mixed(pieces.hashed ^ np.uint32(0x9E3779B9 * (order + 1) & 0xFFFFFFFF))
            if len(first):
                found[start + has, order] = np.minimum.reduceat(hashed, first)
            found[start + alone, order] = mixed((start + alone + order).astype(np.uint32))
    return found


def _alike(group: NDArray[np.int64], minima: Hashes) -> NDArray[np.bool_]:
    """Which rows are like another of their group: neighbours within a band, and the first of it."""
    alike = np.zeros(len(group), bool)
    for band in range(_BANDS):
        mine = minima[:, band * _ROWS : (band + 1) * _ROWS]
        order = np.lexsort((*mine.T, group))
        begins = np.ones(len(order), bool)
        begins[1:] = (group[order[1:]] != group[order[:-1]]) | (mine[order[1:]] != mine[order[:-1]]).any(axis=1)
        first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
        for other in (order[first], np.r_[order[:1], order[:-1]]):
            near = np.flatnonzero(~begins & ~(alike[order] & alike[other]))
            same = (minima[order[near]] == minima[other[near]]).mean(axis=1) >= ALIKE
            alike[order[near[same]]] = True
            alike[other[near[same]]] = True
    return alike
