"""What numbers about talk stand on: which messages are adverts, and the class of every message. Computed once in a reading."""

from __future__ import annotations

from functools import partial

from tiefen.insight.engine import Tables
from tiefen.insight.expressions import ibis, ir
from tiefen.insight.metrics.groups import base
from tiefen.insight.models.adverts import ADVERT
from tiefen.insight.models.learning import learned_scores
from tiefen.insight.models.talk import classifying
from tiefen.insight.models.talk.model import TalkModel
from tiefen.insight.window import Window

REPEATS, REPEATED_LENGTH = 3, 10
"""So often the same words by one person, and of so many characters, and they are an advert whatever they say."""


def adverts_in(t: Tables, w: Window) -> ir.Table:
    """(seq, group, person, advert, talk) of the messages of a window that have words: is it an advert, and what kind of talk
    did an operator call it, if one did. As marked by hand; else the same words again and again; else by score."""
    some = base.said(t, w)
    some = some.filter(some.advert_score.notnull())
    same = ibis.window(group_by=["person", "text_hash"])
    some = some.mutate(
        again=(some.count().over(same) >= REPEATS) & (some.length >= REPEATED_LENGTH) & some.text_hash.notnull()
    )
    learned = learned_scores(t, w)
    if learned is not None:
        judged = some.left_join(learned, "seq")
        some = judged.mutate(advert_score=ibis.coalesce(judged.score, judged.advert_score)).drop("seq_right")
    marks = t["advert_mark"]
    both = some.left_join(marks, some.source_id == marks.message)
    advert = ibis.coalesce(both.advert, both.again | (both.advert_score >= ADVERT))
    return both.select("seq", "group", "person", "talk", "advert_score", advert=advert)


def talk(t: Tables, w: Window) -> ir.Table:
    """(group, seq, talk, sells, margin) of the messages of a window whose words are known: the class of each, whether it
    sells, and how sure that is."""

    def make() -> ir.Table:
        some, judged = base.said(t, w), adverts_in(t, w)
        words = t.within(t["words"], w).select("seq", "text")
        rows = some.inner_join(judged.select("seq", "advert", "talk", score="advert_score"), "seq")
        rows = rows.inner_join(words, "seq").select(
            "group", "seq", "person", "happened_us", "is_question", "advert", "talk", "score", "text",
            in_reply=rows.reply_to.notnull(),
        )  # fmt: skip
        kernel = partial(classifying.classified, TalkModel.load(t.talk_model_path))
        return t.mapped(f"talk_{w.start:%Y%m%d}_{w.end:%Y%m%d}", rows, kernel, classifying.CLASSIFIED)

    return t.kept(f"talk_{w.start:%Y%m%d}_{w.end:%Y%m%d}", make)
