"""The talk of one group as plain arrays, in the order in which it was said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

MOST_NAMED = 3
"""Of the people whom a message names, so many are looked at."""
_LONGEST = 600
"""Of a text, so many characters are read."""
_WORD = re.compile(r"[0-9a-zà-ɏЀ-ӿ_]+|[぀-ヿ㐀-鿿가-힯]+")
_LETTERS = re.compile(r"[぀-ヿ㐀-鿿가-힯]")
_THANKS = re.compile(r"\b(?:thank|thanks|thx|ty|cheers)\b|谢|感谢|多谢|辛苦了")
_HELLO = re.compile(
    r"^\s*(?:hi|hello|hey|good (?:morning|evening|day)|yo)\b|^\s*(?:你好|您好|大家好|哈喽|嗨|早上好|早安|晚上好|在吗|请问)"
)
_REACTS = re.compile(
    r"^\s*(?:ok|okay|yes|yeah|yep|yup|no|nope|nah|ah|oh|hmm+|lol|haha|right|sure|true|well|but|and|or|so|because|that|it|cool|nice|great|i see)\b"
    r"|^\s*(?:好|嗯|哦|噢|是|对|不|没|有|可以|行|哈|收到|明白|知道|但|那|因为|所以|而且|太|真|同意|我也)"
)
_CALLS = re.compile(
    r"\b(?:anyone|anybody|someone|somebody|everyone|how (?:do|can)|can i|is there)\b|有人|有没有|谁|大家|请问|怎么"
)


@dataclass(frozen=True, slots=True)
class Talk:
    """Messages of one group by position; people are numbered from 0."""

    author: Ints
    us: Ints
    asks: Flags
    length: Floats
    named: Ints
    """(message, `MOST_NAMED`): whom it names; −1 for nobody."""
    words: sparse.csr_array
    """(message, word): the rarity of each word that occurs, 1 a row at most in norm; no entries where words are not known."""
    thanks: Flags
    hello: Flags
    reacts: Flags
    calls: Flags
    link: Flags

    def __len__(self) -> int:
        return len(self.author)

    def upto(self, end: int) -> Talk:
        """The first `end` messages."""
        return Talk(*(getattr(self, field.name)[:end] for field in fields(self)))


def talk_of(
    people: Sequence[int] | Ints,
    us: Sequence[int] | Ints,
    texts: Sequence[str | None],
    *,
    asks: Sequence[bool | None] | None = None,
    length: Sequence[int | None] | None = None,
    named: Sequence[Iterable[int]] | None = None,
) -> Talk:
    """Messages in their order. What is not known of a message (a text not kept) is None."""
    count = len(people)
    who = np.asarray(people, np.int64)
    known = np.unique(who)
    lower = [None if text is None else text[:_LONGEST].lower() for text in texts]
    return Talk(
        np.searchsorted(known, who).astype(np.int64),
        np.asarray(us, np.int64),
        _flags(("?" in t or "？" in t) if t else False for t in lower)
        if asks is None
        else _flags(bool(one) for one in asks),
        np.asarray(
            [len(t) if t is not None else np.nan for t in lower]
            if length is None
            else [np.nan if one is None else one for one in length],
            np.float32,
        ),
        _named(named, known, count),
        _rare_words(lower),
        _flags(t is not None and _THANKS.search(t) is not None for t in lower),
        _flags(t is not None and _HELLO.search(t) is not None for t in lower),
        _flags(t is not None and _REACTS.search(t) is not None for t in lower),
        _flags(t is not None and _CALLS.search(t) is not None for t in lower),
        _flags(t is not None and "://" in t for t in lower),
    )


def _flags(some: Iterable[bool]) -> Flags:
    return np.fromiter(some, np.bool_)


def _named(named: Sequence[Iterable[int]] | None, known: Ints, count: int) -> Ints:
    found = np.full((count, MOST_NAMED), -1, np.int64)
    if named is None:
        return found
    place = {int(person): at for at, person in enumerate(known)}
    for row, some in enumerate(named):
        those = [place[one] for one in some if one in place][:MOST_NAMED]
        found[row, : len(those)] = those
    return found


def _rare_words(texts: Sequence[str | None]) -> sparse.csr_array:
    numbers: dict[str, int] = {}
    rows = [
        sorted({numbers.setdefault(word, len(numbers)) for word in words_in(text)}) if text else [] for text in texts
    ]
    ends = np.cumsum([0, *(len(row) for row in rows)])
    found = np.fromiter(chain.from_iterable(rows), np.int64, ends[-1])
    often = np.bincount(found, minlength=len(numbers))
    rarity = np.log((len(rows) + 1) / (often + 0.5)).clip(0.0).astype(np.float32)
    return sparse.csr_array((rarity[found], found, ends), shape=(len(rows), max(1, len(numbers))))


def words_in(text: str) -> list[str]:
    """Words; of scripts without blanks, every two neighbouring characters."""
    found: list[str] = []
    for word in _WORD.findall(text):
        if len(word) > 1 and _LETTERS.match(word):
            found.extend(word[at : at + 2] for at in range(len(word) - 1))
        else:
            found.append(word)
    return found
