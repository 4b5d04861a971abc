"""Taking what tells who somebody is out of texts that stay: others' words, ids of facts, notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

REDACTED = "▢▢"
"""Stands where a name or id stood in a text."""


def telling(text: str) -> bool:
    """Whether an id says who somebody is wherever it stands: not `42`, which is also a size, and not `u7`."""
    if not text.isascii():
        return len(text) >= 2
    return len(text) >= (8 if text.isdigit() else 5)


def telling_name(text: str) -> bool:
    """Whether a name can be looked for at all: one character is in every sentence."""
    return len(text) >= 2


@dataclass(frozen=True)
class Marks:
    """Names and ids of one person, to be redacted. A name that is also a common word only goes where somebody is
    addressed by it (`@晚安`)."""

    names: frozenset[str]
    ids: frozenset[str]
    common: frozenset[str] = frozenset()

    @cached_property
    def texts(self) -> list[str]:
        """What to look for, the longest first, also as it is written inside JSON."""
        found = {("@" + name if name in self.common else name) for name in self.names} | self.ids
        found |= {msgspec.json.encode(text).decode()[1:-1] for text in found}
        return sorted(found, key=lambda text: (-len(text), text))

    def without(self, common: Iterable[str]) -> Marks:
        """The same, with these names known as common words."""
        return Marks(self.names, self.ids, frozenset(common))

    def redact(self, text: str) -> str:
        """The text without them. Letters and digits count as a name only where they stand alone: `Ann` is not in `Annual`."""
        for plain, pattern in zip(self.texts, self._patterns, strict=True):
            if plain in text:
                text = pattern.sub(REDACTED, text)
        return text

    def redact_values(self, value: object, leave: Callable[[str], bool] = lambda _key: False) -> object:
        """A JSON value with every text in it redacted, except under keys to be left."""
        match value:
            case str():
                return self.redact(value)
            case list():
                return [self.redact_values(one, leave) for one in value]
            case dict():
                return {
                    self.redact(key): one if leave(key) else self.redact_values(one, leave)
                    for key, one in value.items()
                }
            case _:
                return value

    def redact_column(self, column: pa.ChunkedArray, where: pa.ChunkedArray) -> tuple[pa.ChunkedArray, int]:
        """A column of texts, redacted in the rows of a mask; and in how many of them something was."""
        redacted = column
        for plain in self.texts:
            found = pc.fill_null(pc.and_(where, pc.match_substring(redacted, plain)), False)
            if pc.any(found).as_py():
                replaced = pc.replace_substring_regex(redacted, _pattern(plain), REDACTED)
                redacted = pc.if_else(found, replaced, redacted)
        if redacted is column:
            return column, 0
        return redacted, int(pc.sum(pc.fill_null(pc.not_equal(redacted, column), False)).as_py() or 0)

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        return [re.compile(_pattern(text), re.ASCII) for text in self.texts]


def _pattern(text: str) -> str:
    """The same regular expression for Python and for Arrow (RE2): `\\b` where the text begins or ends as an ASCII word."""
    before = r"\b" if _in_word(text[0]) else ""
    after = r"\b" if _in_word(text[-1]) else ""
    return before + re.escape(text) + after


def _in_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
