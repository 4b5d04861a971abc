"""随机比例 — a random share of people, the same people every time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa

from tiefen.decide.segments.predicates.base import FALSE, TRUE, Calling, Predicate, Sentence, Span, of_all_time, shown
from tiefen.decide.segments.scene import name_for
from tiefen.insight.expressions import ir
from tiefen.kit.chance import share_of, shares

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene

_MILLE = 1000


class RandomShare(Predicate, frozen=True, kw_only=True, tag="random_share"):
    """So many of a thousand people, chosen by chance. With another `salt` they are others, independent of the first."""

    title = ("随机比例", "Random share")

    mille: Annotated[int, shown("mille", "比例", "share", ge=1, le=999)]
    salt: Annotated[str, shown("text", "随机种子", "seed", min_length=1, max_length=60)] = "share"

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        return TRUE if share_of(f"segment:{self.salt}", one.person) < self.mille / _MILLE else FALSE

    def where(self, scene: Scene) -> ir.Table:
        people = scene.t.snapshot.rows["person"]["person"].combine_chunks()
        chosen = shares(f"segment:{self.salt}", people.to_numpy(zero_copy_only=False)) < self.mille / _MILLE
        table = pa.table({"person": people.filter(pa.array(chosen))})
        return of_all_time(scene.given(f"rule_share_{name_for(self.salt, self.mille)}", table))

    def prepare(self, scene: Scene) -> None:
        self.where(scene)

    def said(self, called: Calling) -> Sentence:
        return f"随机 {self.mille / 10:g}%", f"a random {self.mille / 10:g}%"

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return [{"share": round(share_of(f"segment:{self.salt}", one.person), 4)}]
