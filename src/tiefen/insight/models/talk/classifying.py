"""每条消息归一类 — the class of every message of some groups: as marked, else an advert, else what its odds say.

What is said again and again is judged once; what was asked just before makes an answer likelier.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tiefen.insight.models.talk import rules
from tiefen.insight.models.talk.classes import TALK
from tiefen.insight.models.talk.model import Floats, TalkModel
from tiefen.kit.clock import SECOND_US

ANSWERED_US = 600 * SECOND_US
"""So long after somebody's question, what somebody else says is taken to be about it."""
CLASSIFIED = pa.schema(
    [
        ("group", pa.int64()), ("seq", pa.int64()), ("person", pa.int64()), ("happened_us", pa.int64()),
        ("now", pa.bool_()), ("talk", pa.string()), ("sells", pa.bool_()), ("margin", pa.float64()),
    ]
)  # fmt: skip
_ADVERT = TALK.index("advert")
_AT_ONCE = 100_000


def classified(model: TalkModel | None, rows: pa.Table) -> pa.Table:
    """Rows (group, seq, person, happened_us, is_question, advert, talk, score, text, in_reply, now) of whole
    groups → `CLASSIFIED`. `talk` is what an operator said, null where none did."""
    rows = rows.sort_by([("group", "ascending"), ("happened_us", "ascending"), ("seq", "ascending")])
    different = _different(rows["text"])
    odds, sells = _of_words(model, different.dictionary)
    at = _ints(different.indices)
    is_question = _flags(rows["is_question"])
    found = rules.with_context(
        odds[at], is_question=is_question, after_question=_after_question(rows, is_question),
        in_reply=_flags(rows["in_reply"]),
    )  # fmt: skip
    found[:, _ADVERT] = logits(rows["score"])
    advert = _flags(rows["advert"])
    others = found.copy()
    others[:, _ADVERT] = -np.inf
    best = np.where(advert, _ADVERT, others.argmax(axis=1)) if len(found) else np.zeros(0, np.int64)
    chosen = pa.array(TALK).take(pa.array(best))
    # An operator who said no more than "not an advert" has taken `advert` away; the rest is told by the odds.
    talk = pc.coalesce(rows["talk"].combine_chunks(), chosen)
    return pa.table(
        {
            **{name: rows[name] for name in ("group", "seq", "person", "happened_us", "now")}, "talk": talk, "sells": pa.array(sells[at]),
            "margin": pa.array(_margin(found, best)),
        },
        schema=CLASSIFIED,
    )  # fmt: skip


def hints(texts: pa.Array, advert_score: pa.ChunkedArray) -> dict[str, Floats]:
    """By class: log-odds of the rules, for a model to lean on."""
    return {**_bearing(rules.odds(texts)), "advert": logits(advert_score)}


def advert_scores(model: TalkModel, texts: pa.Array, advert_score: pa.ChunkedArray) -> pa.Array:
    """0…1 a text, by a model that learned adverts."""
    if not len(texts):
        return pa.array([], pa.float64())
    different = _different(texts)
    at = _ints(different.indices)
    # Equal words have equal scores by the rules.
    first = np.zeros(len(different.dictionary))
    first[at] = logits(advert_score)
    odds = model.odds(different.dictionary.to_pylist(), {"advert": first})[:, model.classes.index("advert")]
    return pa.array((1.0 / (1.0 + np.exp(-odds)))[at])


def logits(score: pa.ChunkedArray | pa.Array) -> Floats:
    """0…1 as log-odds; what is not known is as unlikely as can be."""
    p = np.clip(np.asarray(pc.fill_null(score, 0.0).to_numpy(), np.float64), 1e-4, 1 - 1e-4)
    return np.log(p / (1 - p))


def _of_words(model: TalkModel | None, texts: pa.Array) -> tuple[Floats, NDArray[np.bool_]]:
    """(text × class) of the words alone, and which sell."""
    odds, sells = np.empty((len(texts), len(TALK))), np.zeros(len(texts), bool)
    for start in range(0, len(texts), _AT_ONCE):
        some = texts.slice(start, _AT_ONCE)
        here = slice(start, start + len(some))
        odds[here], sells[here] = rules.odds(some), rules.sells(some)
        if model is not None:
            learned = model.odds(some.to_pylist(), _bearing(odds[here]))
            for number, talk in enumerate(model.classes):
                odds[here, TALK.index(talk)] = learned[:, number]
    return odds, sells


def _bearing(odds: Floats) -> dict[str, Floats]:
    """What the rules say of every kind of talk bears on each of them; adverts have their own."""
    others = np.delete(odds, _ADVERT, axis=1)
    return {talk: others for talk in TALK if talk != "advert"}


def _after_question(rows: pa.Table, is_question: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows follow a question of somebody else in their group; the rows are in order."""
    n = rows.num_rows
    group, person, us = (_ints(rows[name]) for name in ("group", "person", "happened_us"))
    asked = np.where(is_question, np.arange(n), -1)
    last = np.maximum.accumulate(np.r_[-1, asked])[:n]
    before = np.maximum(last, 0)
    return (
        (last >= 0) & (group[before] == group) & (person[before] != person) & (us - us[before] <= ANSWERED_US)
    )  # fmt: skip


def _margin(found: Floats, best: NDArray[np.int64]) -> Floats:
    """How far the chosen class is ahead of the next; 0 where it was chosen for another reason."""
    if not len(found):
        return np.zeros(0)
    rest = found.copy()
    row = np.arange(len(found))
    rest[row, best] = -np.inf
    return np.maximum(found[row, best] - rest.max(axis=1), 0.0)


def _different(texts: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    return texts.cast(pa.string()).dictionary_encode()


def _ints(column: Any) -> NDArray[np.int64]:
    return np.asarray(
        column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    ).astype(np.int64)


def _flags(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(column, False).to_numpy()).astype(bool)
