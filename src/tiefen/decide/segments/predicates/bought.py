"""买过商品 — bought any of some goods, ever or within the last days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any

from tiefen.decide.segments.predicates import acts
from tiefen.decide.segments.predicates.base import NEVER, Calling, Predicate, Sentence, Span, days_said, shown
from tiefen.insight.expressions import ibis, ir
from tiefen.kit.clock import DAY_US

if TYPE_CHECKING:
    from tiefen.decide.segments.person import Row, Seen
    from tiefen.decide.segments.scene import Scene


class Bought(Predicate, frozen=True, kw_only=True, tag="bought"):
    """Paid an order with a line of one of these goods. Lines that give something back do not count."""

    title = ("买过商品", "Bought a product")

    skus: Annotated[tuple[acts.Text, ...], shown("skus", "商品", "products", min_length=1, max_length=acts.MOST_NAMED)]
    days: acts.Days | None = None

    def _orders(self, one: Seen) -> list[Row]:
        wanted = set(self.skus)
        return [
            row for row in one.rows("order.paid")
            if any(line["sku"] in wanted and line["qty"] > 0 for line in row["lines"] or ())
        ]  # fmt: skip

    def spans(self, one: Seen, now_us: int) -> Iterable[Span]:
        for row in self._orders(one):
            yield Span(row["happened_us"], NEVER if self.days is None else row["happened_us"] + self.days * DAY_US)

    def where(self, scene: Scene) -> ir.Table:
        paid = scene.recent(scene.t["order_paid"], self.days)
        lines = paid.filter(paid.person.notnull()).select("person", us=paid.happened_us, line=paid.lines.unnest())
        lines = lines.select("person", "us", sku=lines.line["sku"], qty=lines.line["qty"])
        some = lines.filter(lines.sku.isin(self.skus), lines.qty > 0)
        ends = ibis.literal(NEVER, "int64") if self.days is None else some.us + self.days * DAY_US
        return some.select("person", starts=some.us, ends=ends)

    def said(self, called: Calling) -> Sentence:
        named = "、".join(self.skus[:5]) + ("…" if len(self.skus) > 5 else "")
        since = (
            (f"近 {days_said(self.days)[0]}内", f" in the last {days_said(self.days)[1]}") if self.days else ("", "")
        )
        return f"{since[0]}买过 {named}", f"bought {named.replace('、', ', ')}{since[1]}"

    def reacts_to(self) -> Collection[str]:
        return ("order.paid",)

    def evidence(self, one: Seen, now_us: int) -> list[dict[str, Any]]:
        return [acts.evidence_row("order_paid", row) for row in reversed(self._orders(one)[-10:])]
