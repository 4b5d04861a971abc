"""标签 — has a tag at present. Of what was put on and taken off at one instant, what was told last holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import Calling, Predicate, Sentence, Span, shown
from tiefen.insight.expressions import ibis, ir

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene


class Tagged(Predicate, frozen=True, kw_only=True, tag="tagged"):
    """Has any of these tags."""

    title = ("有标签", "Has a tag")

    tags: Annotated[tuple[acts.Text, ...], shown("tags", "标签", "tags", min_length=1, max_length=acts.MOST_NAMED)]

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        for tag in self.tags:
            rows = [(r["happened_us"], r["seq"], True) for r in one.rows("tag.put") if r["tag"] == tag]
            rows += [(r["happened_us"], r["seq"], False) for r in one.rows("tag.removed") if r["tag"] == tag]
            yield from acts.state_spans([(us, put) for us, _, put in sorted(rows)])

    def where(self, scene: Scene) -> ir.Table:
        moves = [
            table.filter(table.tag.isin(self.tags)).select(
                "person", "tag", "seq", us=table.happened_us, put=ibis.literal(put)
            )
            for table, put in ((scene.t["tag_put"], True), (scene.t["tag_removed"], False))
        ]
        return acts.state_table(ibis.union(*moves), ("person", "tag"))

    def said(self, called: Calling) -> Sentence:
        return f"有标签 {'、'.join(self.tags)}", f"has the tag {' or '.join(self.tags)}"

    def reacts_to(self) -> Collection[str]:
        return ("tag.put", "tag.removed")

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        rows = [("tag_put", r) for r in one.rows("tag.put")] + [("tag_removed", r) for r in one.rows("tag.removed")]
        mine = sorted((r for r in rows if r[1]["tag"] in self.tags), key=lambda r: -r[1]["happened_us"])
        return [acts.evidence_row(*row) for row in mine[:10]]
