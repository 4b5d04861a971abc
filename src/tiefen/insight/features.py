"""What is kept of a message beside its words, so that numbers can be counted without them."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from tiefen.insight.models.adverts import score

_ENDING = re.compile(r"(吗|呢|么|嘛|没有)[。～~!！ ]*$")
_OPENING = re.compile(
    r"(请问|求问|请教|谁知道|有没有人|有人知道|问一下|想问|为什么|怎么|如何|哪里|什么时候|多少|几点)"
    r"|(how|what|why|when|where|who|which|can|could|does|did|should|would|anyone|anybody)\b.*[^.!]$",
    re.IGNORECASE,
)


class Features(NamedTuple):
    """Length in characters; whether it asks; whether it links; a digest of its normalised words; how much an advert."""

    length: int
    is_question: bool
    has_link: bool
    text_hash: int
    advert_score: float


@lru_cache(maxsize=8_192)
def features(text: str) -> Features:
    """The features of one text. Texts equal but for blanks and case have one digest."""
    return Features(
        len(text), is_question(text), "://" in text or "www." in text, text_hash(text), round(score(text), 3)
    )


def is_question(text: str) -> bool:
    """True where a message asks: by its mark, its last word, or how it begins."""
    if "?" in text or "？" in text:
        return True
    return _ENDING.search(text[-8:]) is not None or _OPENING.match(text[:200]) is not None


def text_hash(text: str) -> int:
    """63 bits that are equal for texts that say the same."""
    normal = "".join(text.lower().split())
    return int.from_bytes(blake2b(normal.encode(errors="replace"), digest_size=8).digest(), "big") >> 1
