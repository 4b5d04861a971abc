"""What numbers about talk stand on: which messages are adverts, and the class of every message.

In a reading both are worked out once, for the window and the one before it; for a single question for the window alone.
"""

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
"""So often the same words by one person within a window, and of so many characters, and they are an advert whatever they say."""


def adverts_in(t: Tables, w: Window) -> ir.Table:
    """(seq, group, person, day, advert, talk, advert_score) of the messages of a window that have words: is it an advert, and
    what kind of talk did an operator call it, if one did. As marked by hand; else the same words again and again; else by
    score."""
    lately = t.kept(f"adverts_{w.start:%Y%m%d}_{w.end:%Y%m%d}", lambda: _adverts(t, _looked_at(t, w), w))
    return lately.filter(lately.day >= w.start)


def talk(t: Tables, w: Window) -> ir.Table:
    """(group, seq, person, happened_us, talk, sells, margin) of the messages of a window whose words are known: the class of
    each, whether it sells, and how sure that is."""
    lately = talk_with_before(t, w)
    return lately.filter(lately.now)


def talk_with_before(t: Tables, w: Window) -> ir.Table:
    """The same with `now`: false for those of the window before, which only a reading looks at."""

    def make() -> ir.Table:
        whole = _looked_at(t, w)
        judged = t.kept(f"adverts_{w.start:%Y%m%d}_{w.end:%Y%m%d}", lambda: _adverts(t, whole, w))
        some = base.said(t, whole).select("seq", "group", "person", "happened_us", "is_question", "reply_to", "day")
        words = t.within(t["words"], whole).select("seq", "text")
        rows = some.inner_join(judged.select("seq", "advert", "talk", score="advert_score"), "seq")
        rows = rows.inner_join(words, "seq")
        rows = rows.select(
            "group", "seq", "person", "happened_us", "is_question", "advert", "talk", "score", "text",
            in_reply=rows.reply_to.notnull(), now=rows.day >= w.start,
        )  # fmt: skip
        kernel = partial(classifying.classified, TalkModel.load(t.talk_model_path))
        return t.mapped(f"talk_{w.start:%Y%m%d}_{w.end:%Y%m%d}", rows, kernel, classifying.CLASSIFIED)

    return t.kept(f"talk_{w.start:%Y%m%d}_{w.end:%Y%m%d}", make)


def _looked_at(t: Tables, w: Window) -> Window:
    return w.last(2 * w.days) if t.keeping else w


def _adverts(t: Tables, whole: Window, w: Window) -> ir.Table:
    some = base.said(t, whole)
    some = some.filter(some.advert_score.notnull()).mutate(now=ibis._.day >= w.start)
    same = ibis.window(group_by=["now", "person", "text_hash"])
    some = some.mutate(
        again=(some.count().over(same) >= REPEATS) & (some.length >= REPEATED_LENGTH) & some.text_hash.notnull()
    )
    learned = learned_scores(t, whole)
    if learned is not None:
        judged = some.left_join(learned, "seq")
        some = judged.mutate(advert_score=ibis.coalesce(judged.score, judged.advert_score)).drop("seq_right")
    marks = t["advert_mark"]
    both = some.left_join(marks, some.source_id == marks.message)
    advert = ibis.coalesce(both.advert, both.again | (both.advert_score >= ADVERT))
    return both.select("seq", "group", "person", "day", "talk", "advert_score", advert=advert)
