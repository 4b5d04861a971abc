"""What the predicates about attributes share: a rule is asked once for every value there is, not for every person.

Both readings go through the same function of one value, so that what JSON and dates mean is said once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from tiefen.decide.segments.predicates.base import Predicate, Span
from tiefen.decide.segments.scene import name_for
from tiefen.insight.expressions import ir

if TYPE_CHECKING:
    from tiefen.decide.segments.scene import Scene


def spans_of_values(
    scene: Scene, predicate: Predicate, key: str, spans: Callable[[Any], Iterable[Span]]
) -> ir.Table:  # fmt: skip
    """(person, starts, ends) from what is noted of everybody under a key."""
    noted = scene.attribute(key)
    coded = noted["value"].combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    place, starts, ends = [], [], []
    for number, value in enumerate(coded.dictionary.to_pylist()):
        for start, end in spans(msgspec.json.decode(value)):
            place.append(number)
            starts.append(start)
            ends.append(end)
    found = pa.table({
        "value": pa.array(place, pa.int64()), "starts": pa.array(starts, pa.int64()), "ends": pa.array(ends, pa.int64()),
    })  # fmt: skip
    people = pa.table({"person": noted["person"], "value": coded.indices.cast(pa.int64())})
    told = people.join(found, "value", join_type="inner").select(["person", "starts", "ends"])
    return scene.given(f"rule_values_{name_for(msgspec.json.encode(predicate))}", told)
