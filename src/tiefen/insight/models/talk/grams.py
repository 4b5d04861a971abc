"""字符片段 — texts as counts of hashed characters, pairs and triples, many texts at a time.

A batch is one long array of code points, so that no text and no character is a step of its own. Equal pieces of text fall on
equal numbers on every machine; what piece a number came from cannot be told from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FEATURES = 2**18
LONGEST = 400
"""Characters of a text that are looked at: whoever pastes a book has said what it is by then."""
_END = "\x00"
_LINK = re.compile(r"https?:[^\s\x00]+")
_BLANK = re.compile(r"[^\S\x00]+")
_DIGIT = re.compile(r"\d")
_SPREAD = (np.uint32(2654435761), np.uint32(2246822519), np.uint32(3266489917))


@dataclass(frozen=True, slots=True)
class Grams:
    """The pieces of some texts."""

    texts: int
    text: NDArray[np.int32]
    """Which text a piece is of."""
    hashed: NDArray[np.uint32]


def plain(text: str) -> str:
    """A text as it is looked at: no blanks (some publishers segment words), lower case, digits as one, links as one."""
    return plain_all([text])[0]


def plain_all(texts: Sequence[str]) -> list[str]:
    """The same for many at once."""
    return _plain(texts).split(_END)[: len(texts)]


def grams(texts: Sequence[str], shortest: int = 1, longest: int = 2) -> Grams:
    """All pieces of so many characters of the plain texts."""
    points = np.frombuffer(_plain(texts).encode("utf-32-le", "replace"), np.uint32)
    ends = points == 0
    text = (np.cumsum(ends) - ends).astype(np.int32)
    found: list[tuple[NDArray[np.int32], NDArray[np.uint32]]] = []
    for size in range(shortest, longest + 1):
        if len(points) < size:
            break
        whole = ~ends[: len(points) - size + 1]
        for step in range(1, size):
            whole = whole & ~ends[step : len(points) - size + 1 + step]
        at = np.flatnonzero(whole)
        hashed = np.full(len(at), size, np.uint32)
        for step in range(size):
            hashed = mixed((hashed ^ points[at + step]) * _SPREAD[0])
        found.append((text[at], hashed))
    if not found:
        return Grams(len(texts), np.empty(0, np.int32), np.empty(0, np.uint32))
    return Grams(len(texts), *(np.concatenate([piece[side] for piece in found]) for side in (0, 1)))


def counts(texts: Sequence[str], shortest: int = 1, longest: int = 2) -> csr_matrix:
    """(text × hashed piece): how often."""
    from scipy.sparse import coo_matrix

    some = grams(texts, shortest, longest)
    columns = (some.hashed % np.uint32(FEATURES)).astype(np.int32)
    ones = np.ones(len(columns), np.float32)
    return coo_matrix((ones, (some.text, columns)), shape=(some.texts, FEATURES)).tocsr()


def mixed(value: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Every bit of it spread over all the others."""
    value = (value ^ (value >> np.uint32(16))) * _SPREAD[1]
    value = (value ^ (value >> np.uint32(13))) * _SPREAD[2]
    return value ^ (value >> np.uint32(16))


def _plain(texts: Sequence[str]) -> str:
    """Each followed by an end."""
    joined = "".join(text[:LONGEST].replace(_END, " ").lower() + _END for text in texts)
    return _DIGIT.sub("0", _BLANK.sub("", _LINK.sub("␟", joined)))
