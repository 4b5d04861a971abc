"""From operators' marks to classes: a model is learned with each reading, and asked by whoever counts adverts or looks at talk.

It is kept beside the readings, so that a number asked for later, of one group or of other days, is judged by the same model
as the reading was. Fewer marks than it takes (some were taken back, somebody was erased), and the rules alone count again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tiefen.insight.models.talk import classifying
from tiefen.insight.models.talk.classes import TALK
from tiefen.insight.models.talk.model import LEAST_MARKS, NO, UNTOLD, YES, Labels, TalkModel, before_path

if TYPE_CHECKING:
    from tiefen.insight.engine import Tables
    from tiefen.insight.expressions import ir
    from tiefen.insight.window import Window


def learn_talk(t: Tables) -> None:
    """Learn what is what here from the marked messages whose words are known, and from what was learned elsewhere; where the marks
    are too few, that alone counts, or nothing."""
    before = TalkModel.load(before_path(t.talk_model_path))
    marks, model = t["advert_mark"], before
    if t.snapshot.rows["advert_mark"].num_rows >= 2 * LEAST_MARKS:
        posted = t["message_posted"].select("seq", "source_id", "advert_score")
        marked = marks.join(posted, marks.message == posted.source_id).join(t["words"], "seq")
        rows = t.arrow(marked.select("text", "advert", "talk", "advert_score").order_by("text", "advert"))
        texts = rows["text"].combine_chunks()
        hints = classifying.hints(texts, rows["advert_score"])
        model = TalkModel.train(texts.to_pylist(), _told(rows), hints, before=before) or before
    if model is None:
        t.talk_model_path.unlink(missing_ok=True)
    else:
        model.save(t.talk_model_path)


def _told(rows: pa.Table) -> dict[str, Labels]:
    """By class: what the marks say of each message."""
    advert = np.asarray(rows["advert"].to_numpy(), bool)
    named = np.array([one or "" for one in rows["talk"].to_pylist()], object)
    told: dict[str, Labels] = {}
    for one in TALK:
        mine = advert if one == "advert" else named == one
        known = np.ones(len(advert), bool) if one == "advert" else (named != "") | advert
        told[one] = np.where(mine, YES, np.where(known, NO, UNTOLD)).astype(np.int8)
    return told


def learned_scores(t: Tables, w: Window) -> ir.Table | None:
    """(seq, score) of the messages of a window whose words are known; None where nothing was learned of adverts."""
    model = TalkModel.load(t.talk_model_path)
    if model is None or "advert" not in model.classes:
        return None
    posted = t.within(t["message_posted"], w).select("seq", "advert_score")
    words = t.within(t["words"], w).select("seq", "text")
    rows = t.arrow(words.inner_join(posted, "seq").select("seq", "text", "advert_score"))
    score = classifying.advert_scores(model, rows["text"].combine_chunks(), rows["advert_score"])
    judged = pa.table({"seq": rows["seq"], "score": score})
    return t.given(f"advert_scores_{w.start:%Y%m%d}_{w.end:%Y%m%d}", judged)
