"""What is complained about, theme by theme, with its trend. Digests and numbers of messages only: see `models.talk.topics`."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa

from tiefen.insight.engine import Tables
from tiefen.insight.metrics.groups.talk_base import talk_with_before
from tiefen.insight.models.talk.topics import EXAMPLES, topics_of
from tiefen.insight.reading_table import Made, ReadingTable
from tiefen.insight.window import Window
from tiefen.kit.clock import DAY_US

WEEKS = 8
_SCHEMA = pa.schema(
    [
        ("topic", pa.int64()), ("terms", pa.list_(pa.int64())), ("messages", pa.int64()),
        ("messages_before", pa.int64()), ("people", pa.int64()), ("groups", pa.int64()),
        ("weeks", pa.list_(pa.int64())), ("example_seqs", pa.list_(pa.int64())), ("example_us", pa.list_(pa.int64())),
        ("settled", pa.bool_()), ("of", pa.int64()),
    ]
)  # fmt: skip


def of(t: Tables, w: Window, made: Made) -> pa.Table:
    told = talk_with_before(t, w)
    words = t.within(t["words"], w.last(2 * w.days)).select("seq", "text")
    some = told.filter(told.talk == "complaint").inner_join(words, "seq")
    rows = t.arrow(some.select("seq", "group", "person", "happened_us", "now", "text").order_by("seq"))
    seq, group, person, us = (
        rows[name].to_numpy().astype(np.int64) for name in ("seq", "group", "person", "happened_us")
    )
    now = np.asarray(rows["now"].to_numpy(), bool)
    found = topics_of(rows["text"].to_pylist(), person)
    week = np.clip((t.end_us(w) - 1 - us) // (7 * DAY_US), 0, WEEKS)
    told_of = []
    for topic, terms in enumerate(found.terms):
        mine = found.of == topic
        lately = np.flatnonzero(mine & now)
        if not len(lately) and not mine.any():
            continue
        best = np.flatnonzero(mine)
        best = best[np.lexsort((seq[best], -found.weight[best], ~now[best]))][:EXAMPLES]
        told_of.append(
            {
                "terms": terms, "messages": len(lately), "messages_before": int((mine & ~now).sum()),
                "people": len(np.unique(person[lately])), "groups": len(np.unique(group[lately])),
                "weeks": np.bincount(week[mine], minlength=WEEKS + 1)[WEEKS - 1 :: -1].tolist(),
                "example_seqs": seq[best].tolist(), "example_us": us[best].tolist(), "settled": found.settled,
                "of": int(now.sum()),
            }
        )  # fmt: skip
    told_of.sort(key=lambda row: (-row["messages"], -row["messages_before"], row["terms"]))
    return pa.Table.from_pylist([{"topic": n, **row} for n, row in enumerate(told_of)], schema=_SCHEMA)


def weeks_end(w: Window) -> list[str]:
    """The days on which the weeks of `weeks` end, the newest last."""
    return [str(w.end - timedelta(days=7 * back)) for back in range(WEEKS - 1, -1, -1)]


TABLE = ReadingTable("complaint_topics", "归纳抱怨的主题", "What is complained about", of, ("topic",))
