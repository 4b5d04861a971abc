"""Orders and costs, in integer fen."""

import msgspec

from tiefen.ledger.facts.base import Fact, PersonRef, SourceRef


class Line(msgspec.Struct, frozen=True, gc=False, array_like=False):
    """One line of an order. `amount_fen` is the line's total; negative for something returned."""

    sku: str
    qty: int
    amount_fen: int


class OrderPlaced(Fact, frozen=True, kw_only=True, gc=False):
    """An order was placed; nothing is earned yet."""

    kind = "order.placed"
    title = ("下单", "Order placed")

    person: PersonRef | None
    order: str
    amount_fen: int
    lines: tuple[Line, ...] = ()


class OrderPaid(Fact, frozen=True, kw_only=True, gc=False):
    """An order was paid. `person` is None for a guest nobody knows."""

    kind = "order.paid"
    title = ("付款", "Order paid")

    person: PersonRef | None
    order: str
    amount_fen: int
    lines: tuple[Line, ...] = ()
    source: SourceRef | None = None


class OrderRefunded(Fact, frozen=True, kw_only=True, gc=False):
    """Money of an order was given back, in part or whole; `amount_fen` is positive."""

    kind = "order.refunded"
    title = ("退款", "Order refunded")

    person: PersonRef | None
    order: str
    amount_fen: int
    lines: tuple[Line, ...] = ()


class CostSpent(Fact, frozen=True, kw_only=True, gc=False):
    """Money was spent on a source, dated at the start of the day it was spent for."""

    kind = "cost.spent"
    title = ("渠道花费", "Cost spent")

    source: SourceRef
    amount_fen: int
