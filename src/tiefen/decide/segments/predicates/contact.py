"""好友 — is a contact of staff at present: of anybody, or of one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import Calling, Predicate, Sentence, Span, shown
from tiefen.insight.expressions import ibis, ir

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene


class Contact(Predicate, frozen=True, kw_only=True, tag="contact"):
    """Was added by a member of staff and neither has deleted the other since."""

    title = ("是员工的好友", "Is a contact of staff")

    staff: Annotated[int, shown("staff", "员工", "staff", ge=1, le=2**63 - 1)] | None = None

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        moves: dict[int, list[tuple[int, int, bool]]] = {}
        for kind, put in (("contact.added", True), ("contact.lost", False)):
            for row in one.rows(kind):
                if row["staff"] is not None and self.staff in (None, row["staff"]):
                    moves.setdefault(row["staff"], []).append((row["happened_us"], row["seq"], put))
        for some in moves.values():
            yield from acts.state_spans([(us, put) for us, _, put in sorted(some)])

    def where(self, scene: Scene) -> ir.Table:
        parts = []
        for name, put in (("contact_added", True), ("contact_lost", False)):
            table = scene.t[name]
            table = table.filter(table.staff.notnull() if self.staff is None else table.staff == self.staff)
            parts.append(table.select("person", "staff", "seq", us=table.happened_us, put=ibis.literal(put)))
        return acts.state_table(ibis.union(*parts), ("person", "staff"))

    def said(self, called: Calling) -> Sentence:
        if self.staff is None:
            return "是员工的好友", "is a contact of some staff"
        return f"是 {called('person', self.staff)} 的好友", f"is a contact of {called('person', self.staff)}"

    def reacts_to(self) -> Collection[str]:
        return ("contact.added", "contact.lost")

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        rows = [("contact_added", r) for r in one.rows("contact.added")]
        rows += [("contact_lost", r) for r in one.rows("contact.lost")]
        rows.sort(key=lambda r: -r[1]["happened_us"])
        return [acts.evidence_row(*row) for row in rows[:10]]
