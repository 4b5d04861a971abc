"""From operators' marks to scores: a model is learned with each reading, and asked by whoever counts adverts.

It is kept beside the readings, so that a number asked for later, of one group or of other days, is judged by the same model
as the reading was. Fewer marks than it takes (some were taken back, somebody was erased), and the rules alone count again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tiefen.insight.models.advert_model import LEAST_MARKS, AdvertModel

if TYPE_CHECKING:
    from tiefen.insight.engine import Tables
    from tiefen.insight.expressions import ir
    from tiefen.insight.window import Window

_AT_ONCE = 20_000


def learn_adverts(t: Tables) -> None:
    """Learn what an advert is here from the marked messages whose words are known; forget it where they are too few."""
    marks = t["advert_mark"]
    model = None
    if t.snapshot.rows["advert_mark"].num_rows >= 2 * LEAST_MARKS:
        posted = t["message_posted"].select("seq", "source_id")
        marked = marks.join(posted, marks.message == posted.source_id).join(t["words"], "seq").select("text", "advert")
        rows = t.arrow(marked.order_by("text", "advert"))
        model = AdvertModel.train(rows["text"].to_pylist(), rows["advert"].to_pylist())
    if model is None:
        t.advert_model_path.unlink(missing_ok=True)
    else:
        model.save(t.advert_model_path)


def learned_scores(t: Tables, w: Window) -> ir.Table | None:
    """(seq, score) of the messages of a window whose words are known; None where nothing was learned."""
    model = AdvertModel.load(t.advert_model_path)
    if model is None:
        return None
    words = t.arrow(t.within(t["words"], w).select("seq", "text"))
    # What is said again and again is judged once.
    different = words["text"].combine_chunks().dictionary_encode()
    texts = different.dictionary.to_pylist()
    scores: list[float] = []
    for start in range(0, len(texts), _AT_ONCE):
        scores += model.score(texts[start : start + _AT_ONCE])
    judged = pa.array(scores, pa.float64()).take(different.indices)
    return t.given(f"advert_scores_{w.start:%Y%m%d}_{w.end:%Y%m%d}", pa.table({"seq": words["seq"], "score": judged}))
