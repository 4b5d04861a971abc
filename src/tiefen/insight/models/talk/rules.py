"""按规则分类 — the odds of every class by the signs that ship, for many messages at a time.

They are there from the first day and are made to be plain: each sign can be shown. What a community calls a complaint or an
answer is its own affair, and is learned from marks (`model`), with these odds as one more thing to learn from.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tiefen.insight.models import adverts
from tiefen.insight.models.talk.classes import TALK
from tiefen.insight.models.talk.signs import OFFERS, SIGNS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LOOKED_AT = 240
"""Characters looked at."""
_BASE = {
    "question": -1.3,
    "answer": -1.5,
    "sharing": -1.5,
    "complaint": -1.6,
    "praise": -1.6,
    "advert": -3.0,
    "small_talk": -0.2,
}
_AFTER_QUESTION, _IN_REPLY = 1.3, 0.3
"""What somebody says after a question of somebody else, or to somebody, is likelier an answer."""
_AT_LENGTH, _BRIEFLY = 14, 6
"""From so many characters on one tells something; with fewer one hardly does."""
_COLUMN = {talk: number for number, talk in enumerate(TALK)}


def odds(texts: pa.Array) -> Floats:
    """(text × class): log-odds by the words alone; those of adverts are left at their base (`adverts.score` tells them)."""
    found = np.tile([_BASE[talk] for talk in TALK], (len(texts), 1))
    small = _small(texts)
    for sign in SIGNS:
        hits = _hits(small, sign.pattern)
        if sign.but is not None:
            hits = np.maximum(hits - _hits(small, sign.but), 0)
        found[:, _COLUMN[sign.talk]] += np.where(hits > 0, sign.weight + sign.more * np.clip(hits - 1, 0, 2), 0.0)
    lengths = _numbers(pc.utf8_length(small))
    found[:, _COLUMN["sharing"]] += np.where(lengths >= _AT_LENGTH, 0.4, 0.0)
    for talk in ("answer", "sharing", "complaint"):
        found[:, _COLUMN[talk]] -= np.where(lengths < _BRIEFLY, 0.8, 0.0)
    # Who asks does not tell; who complains by asking still complains.
    asks = found[:, _COLUMN["question"]] > 0
    found[asks, _COLUMN["answer"]] -= 2.0
    found[asks, _COLUMN["praise"]] -= 1.0
    # Disappointment is told with good words too, and outweighs them.
    found[found[:, _COLUMN["complaint"]] > 1.0, _COLUMN["praise"]] -= 0.6
    return found


def with_context(found: Floats, *, is_question: Flags, after_question: Flags, in_reply: Flags) -> Floats:
    """The same with what is known of a message beside its words."""
    known = found.copy()
    known[:, _COLUMN["question"]] = np.where(
        is_question, np.maximum(known[:, _COLUMN["question"]], 1.0), known[:, _COLUMN["question"]]
    )
    context = _AFTER_QUESTION * after_question + _IN_REPLY * in_reply
    known[:, _COLUMN["answer"]] += np.where(is_question, 0.0, context)
    return known


def sells(texts: pa.Array) -> Flags:
    """Which of them sell: offers with a price, a deadline or a call to order."""
    return _hits(_small(texts), OFFERS) > 0


def reasons(text: str, talk: str) -> list[dict[str, str]]:
    """The signs of a class in a text, each with the words that gave it away; nothing where there are none."""
    if talk == "advert":
        return adverts.explain(text)
    small = text[:LOOKED_AT].lower()
    found = [(sign, match.group()) for sign in SIGNS if sign.talk == talk and (match := re.search(sign.pattern, small))]
    return [{"zh": f"{sign.zh}（“{words}”）", "en": f"{sign.en} (“{words}”)"} for sign, words in found]


def _small(texts: pa.Array) -> pa.Array:
    return pc.utf8_lower(pc.utf8_slice_codeunits(texts, 0, LOOKED_AT))


def _hits(texts: pa.Array, pattern: str) -> NDArray[np.int64]:
    """How many matches each text has."""
    return _numbers(pc.count_substring_regex(texts, pattern))


def _numbers(column: pa.Array) -> NDArray[np.int64]:
    return np.asarray(column.to_numpy(zero_copy_only=False)).astype(np.int64)
