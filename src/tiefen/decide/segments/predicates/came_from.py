"""来源 — came from one of some sources: first of all, or at any time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import NEVER, Calling, Predicate, Sentence, Span, shown
from tiefen.insight.expressions import ibis, ir

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Row, Seen
    from tiefen.decide.segments.scene import Scene

_TOLD_BY = ("contact.added", "code.scanned", "link.clicked", "page.viewed", "order.paid")
Number = Annotated[int, shown("source", "来源", "source", ge=1, le=2**63 - 1)]


class CameFrom(Predicate, frozen=True, kw_only=True, tag="came_from"):
    """What first told where they came from (being added, a scan, a link, a page, an order) named one of these; or anything ever did."""

    title = ("来源", "Source")

    sources: Annotated[
        tuple[Number, ...], shown("sources", "来源", "sources", min_length=1, max_length=acts.MOST_NAMED)
    ]
    which: Annotated[
        Literal["first", "any"],
        shown("choice", "哪一次", "which", options=[["first", "首个来源", "first"], ["any", "任一来源", "any"]]),
    ] = "first"

    def _rows(self, one: Seen) -> list[tuple[str, Row]]:
        told = [
            (kind.replace(".", "_"), row) for kind in _TOLD_BY for row in one.rows(kind) if row["source"] is not None
        ]
        told.sort(key=lambda r: (r[1]["happened_us"], r[1]["seq"]))
        return told[:1] if self.which == "first" else told

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        for _, row in self._rows(one):
            if row["source"] in self.sources:
                yield Span(row["happened_us"], NEVER)

    def where(self, scene: Scene) -> ir.Table:
        parts = []
        for kind in _TOLD_BY:
            table = scene.t[kind.replace(".", "_")]
            table = table.filter(table.source.notnull(), table.person.notnull())
            parts.append(table.select("person", "source", "seq", us=table.happened_us))
        told = ibis.union(*parts)
        if self.which == "first":
            place = ibis.row_number().over(ibis.window(group_by="person", order_by=[told.us, told.seq]))
            told = told.mutate(place=place).filter(ibis._.place == 0)
        some = told.filter(told.source.isin(self.sources))
        return some.select("person", starts=some.us, ends=ibis.literal(NEVER, "int64"))

    def said(self, called: Calling) -> Sentence:
        named = [called("source", number) for number in self.sources]
        if self.which == "first":
            return f"首次来自 {'、'.join(named)}", f"first came from {' or '.join(named)}"
        return f"来过自 {'、'.join(named)}", f"ever came from {' or '.join(named)}"

    def reacts_to(self) -> Collection[str]:
        return _TOLD_BY

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return [acts.evidence_row(*row) for row in reversed(self._rows(one)[-10:])]
