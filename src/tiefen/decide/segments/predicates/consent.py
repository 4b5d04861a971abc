"""同意 — what somebody last said about being contacted for a purpose: yes, or no more."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import Calling, Predicate, Sentence, Span, shown
from tiefen.insight.expressions import ibis, ir

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Seen
    from tiefen.decide.segments.scene import Scene


class Consent(Predicate, frozen=True, kw_only=True, tag="consent"):
    """Gave consent for a purpose and did not take it back, or (`withdrawn`) took it back. Whoever never said anything is neither."""

    title = ("同意或退订", "Consent")

    said_last: Annotated[
        Literal["given", "withdrawn"],
        shown(
            "choice",
            "最近一次",
            "last said",
            options=[["given", "同意", "agreed"], ["withdrawn", "撤回/退订", "withdrew"]],
        ),
    ] = "given"
    purpose: acts.Text | None = None

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        moves: dict[tuple[str, str], list[tuple[int, int, bool]]] = {}
        for kind, given in (("consent.given", True), ("consent.withdrawn", False)):
            for row in one.rows(kind):
                if self.purpose is None or row["purpose"] == self.purpose:
                    about = row["purpose"], row["channel"]
                    moves.setdefault(about, []).append((row["happened_us"], row["seq"], given))
        for some in moves.values():
            yield from acts.state_spans([(us, put) for us, _, put in sorted(some)], of=self.said_last == "given")

    def where(self, scene: Scene) -> ir.Table:
        parts = []
        for name, given in (("consent_given", True), ("consent_withdrawn", False)):
            table = scene.t[name]
            if self.purpose is not None:
                table = table.filter(table.purpose == self.purpose)
            parts.append(
                table.select("person", "purpose", "channel", "seq", us=table.happened_us, put=ibis.literal(given))
            )
        return acts.state_table(ibis.union(*parts), ("person", "purpose", "channel"), of=self.said_last == "given")

    def said(self, called: Calling) -> Sentence:
        what = self.purpose or ""
        if self.said_last == "given":
            return f"同意接收{what}", f"agreed to {what or 'something'}"
        return f"已退订{what}", f"withdrew consent to {what or 'something'}"

    def reacts_to(self) -> Collection[str]:
        return ("consent.given", "consent.withdrawn")

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        rows = [("consent_given", r) for r in one.rows("consent.given")]
        rows += [("consent_withdrawn", r) for r in one.rows("consent.withdrawn")]
        rows.sort(key=lambda r: -r[1]["happened_us"])
        return [acts.evidence_row(*row) for row in rows[:10]]
