"""广告识别 — is a message an advert? By rules that ship, until operators have marked enough for a model of their own.

The rules look for families of signs (`advert_signs`) and add them up as log-odds. They are made to be right when they
speak: on `zh_qq_group_ads` (real group messages) precision is above .9 while much jargon goes unseen; that is what the
model is for.
"""

from __future__ import annotations

import math

from tiefen.insight.models.advert_signs import ASCII_TRIGGERS, FAMILIES, TRIGGERS, Family

ADVERT = 0.5
"""From this score on a message counts as an advert."""

_BASE = -3.0
_CALLS = frozenset({"add_me", "for_sale", "urge", "number"})
_PRICE_AND_CALL = 0.6
"""A price beside something to do about it is more than the two apart."""
_LOOKED_AT = 240
"""Characters looked at: an advert comes to the point."""


def score(text: str) -> float:
    """0…1: how much a message looks like an advert by the shipped rules. A few microseconds for ordinary talk."""
    text = text[:_LOOKED_AT]
    odds = _BASE + _manner(text)
    if _suspect(text):
        plain, seen = text.isascii(), set()
        for family in FAMILIES:
            found = len((family.plain if plain else family.pattern).findall(text))
            if found:
                seen.add(family.key)
                odds += family.weight + family.more * min(found - 1, 2)
        if "price" in seen and seen & _CALLS:
            odds += _PRICE_AND_CALL
    return logistic(odds)


def _suspect(text: str) -> bool:
    if text.isascii():
        lower = text.lower()
        return any(trigger in lower for trigger in ASCII_TRIGGERS) or lower[:1].isdigit()
    return not TRIGGERS.isdisjoint(text)


def explain(text: str) -> list[dict[str, str]]:
    """The families of signs that were found, strongest first, each with the words that gave it away."""
    found = [(family, match) for family in FAMILIES if (match := family.pattern.search(text[:_LOOKED_AT]))]
    return [_reason(family, match.group()) for family, match in sorted(found, key=lambda f: -f[0].weight)]


def _reason(family: Family, words: str) -> dict[str, str]:
    return {"zh": f"{family.zh}（“{words}”）", "en": f"{family.en} (“{words}”)"}


def _manner(text: str) -> float:
    """How it is said: adverts run long; questions ask and sell nothing; short exclamations are talk."""
    odds = 0.0
    if len(text) > 40:
        odds += 0.5
    elif len(text) < 8:
        odds -= 0.6
    if text.startswith(("有没有", "有无", "谁", "哪", "怎么", "为什么", "请问", "求")) or text.endswith(
        ("吗", "吗？", "吗?", "呢？")
    ):
        odds -= 1.5
    return odds


def logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
