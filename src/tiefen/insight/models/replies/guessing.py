"""Who answers whom in groups where nobody ever says: guessed message by message from the hundred before.

Groups with a single reply or mention in them are left alone: what people say themselves counts. In the others the ties are
guesses, and are marked so wherever they are told of. Names are not looked for in what is said (a name with an @ is a mention,
and the group then is none of these), so the models that were grown without them are asked.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tiefen.insight.expressions import ibis, ir
from tiefen.insight.kernels.mapped import Kernel, gathered, groups_of
from tiefen.insight.models.replies.again import best_of, second_look
from tiefen.insight.models.replies.candidates import candidates_of
from tiefen.insight.models.replies.talk import Floats, Ints, Talk, talk_of
from tiefen.insight.models.replies.trees import Trees

if TYPE_CHECKING:
    from tiefen.insight.engine import Tables
    from tiefen.insight.window import Window

LEAST = 50
"""A group with fewer messages is too small a talk to guess at."""
EACH, ALL = 2_000, 100_000
"""The latest so many messages of a group are looked at, and so many in all: the liveliest groups first."""
SURE = 0.5
"""A guess counts from this chance on."""
_AT_ONCE = 2_000


@cache
def models(name: str) -> tuple[Trees, Trees]:
    """The first guess and the second look; grown `plain` or with whom a message `named`."""
    folder = Path(__file__).parent
    return Trees.load(folder / f"{name}.npz"), Trees.load(folder / f"{name}_again.npz")


def guesses(talk: Talk, name: str = "plain", start: int = 0) -> tuple[Ints, Ints, Floats]:
    """(message, how far back what it answers is, chance) for each message from position `start`; 0 back begins something."""
    first, again = models(name)
    named = name == "named"
    parent = np.arange(len(talk))
    looks = []
    for begin in range(start, len(talk), _AT_ONCE):
        found = candidates_of(talk, named=named, start=begin, end=min(len(talk), begin + _AT_ONCE))
        chances = first.chances(found.numbers)
        message, back, _ = best_of(found, chances)
        parent[message] -= back
        # What a message is guessed to answer depends on those before it alone, so the rest of `parent` may wait.
        rows = np.hstack([found.numbers, second_look(talk, found, chances, parent)])
        looks.append(best_of(found, again.chances(rows)))
    if not looks:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    message, back, chance = (np.concatenate(some) for some in zip(*looks, strict=True))
    return message, back, chance.astype(np.float32)


def _of(batch: pa.Table) -> pa.Table:
    found: list[dict[str, object]] = []
    for group, rows in groups_of(batch):
        person, us = rows["person"].to_numpy(), rows["happened_us"].to_numpy()
        talk = talk_of(
            person,
            us,
            rows["text"].to_pylist(),
            asks=rows["is_question"].to_pylist(),
            length=rows["length"].to_pylist(),
        )
        message, back, chance = guesses(talk)
        sure = (back > 0) & (chance >= SURE)
        a, b = person[message], person[message - back]
        sure &= a != b
        found.append(
            {
                "group": group, "seq": rows["seq"].to_numpy()[message[sure]], "a": a[sure], "b": b[sure],
                "happened_us": us[message[sure]], "chance": chance[sure].astype(np.float64),
            }
        )  # fmt: skip
    return gathered(GUESSES.gives, found)


GUESSES = Kernel(
    takes=pa.schema(
        [
            ("group", pa.int64()), ("seq", pa.int64()), ("happened_us", pa.int64()), ("person", pa.int64()),
            ("is_question", pa.bool_()), ("length", pa.int64()), ("text", pa.string()),
        ]
    ),
    gives=pa.schema(
        [
            ("group", pa.int64()), ("seq", pa.int64()), ("a", pa.int64()), ("b", pa.int64()),
            ("happened_us", pa.int64()), ("chance", pa.float64()),
        ]
    ),
    of=_of,
    order=("happened_us", "seq"),
)  # fmt: skip
"""In message `seq`, a is guessed to answer b."""


def guessed_links(t: Tables, w: Window, said: ir.Table) -> ir.Table | None:
    """(seq, group, a, b, happened_us, chance) of `said`, the messages of a window; None where no group is that silent about
    whom it addresses."""
    key = f"{w.start:%Y%m%d}_{w.end:%Y%m%d}"
    told = (said.reply_to.notnull() | (said.mentions.length() > 0)).fill_null(False)
    each = said.group_by("group").agg(messages=said.count(), told=told.any())
    flat = t.arrow(each.filter(~each.told, each.messages >= LEAST).select("group", "messages"))
    flat = flat.sort_by([("messages", "descending"), ("group", "ascending")])
    looked_at = np.cumsum(np.minimum(flat["messages"].to_numpy(), EACH))
    flat = flat.slice(0, int(np.searchsorted(looked_at, ALL, side="right")))
    if not flat.num_rows:
        return None
    groups = t.given(f"flat_groups_{key}", flat.select(["group"]))
    latest = ibis.window(group_by="group", order_by=[ibis.desc("happened_us"), ibis.desc("seq")])
    rows = said.semi_join(groups, "group").mutate(place=ibis.row_number().over(latest))
    rows = rows.filter(rows.place < EACH)
    words = t.within(t["words"], w).select("seq", "text")
    rows = rows.left_join(words, "seq").select(
        "group", "seq", "happened_us", "person", "is_question", "text", length=rows.length.cast("int64")
    )
    return t.mapped(f"guessed_links_{key}", rows, GUESSES, GUESSES.gives)
