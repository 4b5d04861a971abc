"""订单 — a row an order, or a row a line of one; refunds and cancellations among them.

Lines of one order must stand one after the other (other orders may not lie between), as every shop exports them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tiefen.intake.files.formats.base import Field, Format, Kept, Memory, Options, Reader, digest, person
from tiefen.intake.files.values import OLDEST_US, fen_of, text_of, time_reader, yes
from tiefen.kit.clock import DAY_US, now_us
from tiefen.ledger.batch import Link, Profile
from tiefen.ledger.facts import Id, Line, OrderPaid, OrderRefunded

FIELDS = (
    Field("ts", "下单时间", "Time", True, ("ts", "time", "order_date", "ordered_at", "paid_at", "date", "created_at", "下单时间", "付款时间", "支付时间", "订单时间", "日期", "时间", "invoicedate"), "time"),
    Field("customer_id", "客户 ID", "Buyer id", False, ("customer_id", "customer", "buyer_id", "user_id", "userid", "member_id", "客户id", "客户编号", "买家id", "会员号", "用户id", "买家账号", "买家")),
    Field("phone", "手机号", "Phone", False, ("phone", "mobile", "手机", "手机号", "电话", "收货人手机")),
    Field("customer_name", "姓名", "Buyer name", False, ("customer_name", "buyer_name", "name", "姓名", "客户姓名", "收货人", "买家昵称")),
    Field("order_id", "订单号", "Order id", False, ("order_id", "order", "order_no", "invoiceno", "订单号", "订单编号", "交易号")),
    Field("amount", "金额", "Amount", False, ("amount", "total", "amount_cents", "amount_fen", "paid", "revenue", "price_total", "金额", "实付", "实付金额", "订单金额", "总价", "支付金额"), "amount"),
    Field("sku", "商品", "Product", False, ("sku", "product", "item_id", "stockcode", "商品", "商品编码", "商品名称", "货号")),
    Field("quantity", "数量", "Quantity", False, ("qty", "quantity", "n_items", "数量", "件数"), "amount"),
    Field("unit_price", "单价", "Unit price", False, ("unit_price", "unitprice", "price", "单价", "价格"), "amount"),
    Field("cancelled", "取消或退款", "Cancelled or refunded", False, ("is_cancel", "cancelled", "refunded", "is_refund", "退款", "是否退款", "已取消"), "flag"),
    Field("status", "状态", "Status", False, ("status", "state", "order_status", "状态", "订单状态")),
    Field("source", "渠道", "Source", False, ("source", "channel", "渠道", "来源", "订单来源")),
)  # fmt: skip
_REFUNDED = {
    "refunded",
    "cancelled",
    "canceled",
    "returned",
    "已退款",
    "退款成功",
    "已取消",
    "退货",
    "交易关闭",
    "已关闭",
}
_MOST_FEN = 10**15
_UNPAID = {"unpaid", "pending", "待付款", "未付款", "等待付款"}


@dataclass(slots=True)
class _Open:
    """An order whose lines are still coming in."""

    key: Any
    at: int
    buyer: Id | None
    order: str
    source: str | None
    back: bool = False
    lines: list[Line] = field(default_factory=list)
    amount: int = 0
    pieces: int = 0


def translate(reader: Reader, options: Options, memory: Memory) -> Kept:
    """Lines are gathered by order; an order goes out when the next one begins.

    Of one order, what was paid and what went back are kept apart, whichever way the lines stand. A line with a price below
    zero is a discount on what it stands among, and an order that is below zero as a whole went back.
    """
    kept = Kept()
    read_time = time_reader(options.time_zone, day_first=options.day_first)
    latest = now_us() + DAY_US
    unit = "fen" if str(reader.mapping.get("amount", "")).lower().endswith(("_cents", "_fen")) else options.unit
    # A column of amounts is the order's total even where an order has many rows, unless there is a price a piece.
    by_line = reader.has("unit_price")
    for (
        number, ts, customer, phone, name, order_id, amount, sku, quantity, price, cancelled, status, source,
    ) in reader.numbered(*(f.key for f in FIELDS)):  # fmt: skip
        at = read_time(ts)
        if at is None or not OLDEST_US <= at <= latest:
            kept.refuse(number, "bad_time", value=str(ts)[:60])
            continue
        pieces = _quantity(quantity)
        if pieces is None:
            kept.refuse(number, "bad_quantity", value=str(quantity)[:60])
            continue
        total = fen_of(amount, unit) if amount not in (None, "") else None
        each = fen_of(price, options.unit) if price not in (None, "") else None
        if total is None and each is None:
            kept.refuse(number, "bad_amount", value=str(amount if amount is not None else price)[:60])
            continue
        worth = total if total is not None and not by_line else each * pieces if each is not None else total
        assert worth is not None
        if abs(worth) >= _MOST_FEN:
            kept.refuse(number, "bad_amount", value=str(worth)[:60])
            continue
        said = str(status).strip().lower() if status else ""
        if said in _UNPAID:
            kept.refuse(number, "not_paid", status=said)
            continue
        buyer = _buyer(customer, phone, name, options, kept, at)
        order = text_of(order_id)
        back = (
            yes(cancelled)
            or said in _REFUNDED
            or (worth < 0 and not by_line)
            or (order is not None and order[:1] in "Cc" and pieces < 0)
        )
        key = order if order is not None else ("", number)
        both: dict[bool, _Open] = memory.open_order or {}
        if any(opened.key != key for opened in both.values()):
            _close(both, kept)
            both = {}
        memory.open_order = both
        opened = both.get(back)
        if opened is None:
            made = order or digest(memory, "order", buyer and buyer.value, at, worth, sku)
            opened = both[back] = _Open(key, at, buyer, made, text_of(source), back)
        if sku is not None and text_of(sku):
            opened.lines.append(Line(text_of(sku) or "", pieces, worth))
        opened.pieces += pieces
        if by_line or order is None or not opened.amount:
            opened.amount += worth
    return kept


def finish(options: Options, memory: Memory) -> Kept:
    """The last order has no next one that would send it out."""
    kept = Kept()
    _close(memory.open_order or {}, kept)
    memory.open_order = None
    return kept


def _close(both: Mapping[bool, _Open], kept: Kept) -> None:
    """Send out what was paid and what went back of one order."""
    paid, gone = both.get(False), both.get(True)
    if paid is not None and (paid.amount < 0 or (paid.amount == 0 and paid.pieces < 0)):
        if gone is not None:
            paid.amount, paid.lines = abs(gone.amount) + abs(paid.amount), [*gone.lines, *paid.lines]
        paid, gone = None, paid
    if paid is not None:
        kept.facts.append(OrderPaid(**_told(paid), source=paid.source))
    if gone is not None:
        kept.facts.append(OrderRefunded(**_told(gone)))


def _told(opened: _Open) -> dict[str, Any]:
    return {
        "happened_us": opened.at, "source_id": f"order:{opened.order}", "person": opened.buyer, "order": opened.order,
        "amount_fen": abs(opened.amount), "lines": tuple(opened.lines),
    }  # fmt: skip


def _buyer(customer: Any, phone: Any, name: Any, options: Options, kept: Kept, at: int) -> Id | None:
    given, called = text_of(customer), text_of(phone)
    number = person(given, options, "customer_number") if given else None
    by_phone = person(called, Options(id_type="phone"), "phone") if called else None
    buyer = number or by_phone
    if buyer is not None and (known := text_of(name)):
        kept.profiles[buyer] = Profile(buyer, known)
    if number is not None and by_phone is not None:
        kept.links.append(Link(number, by_phone, at))
    return buyer


def _quantity(cell: Any) -> int | None:
    if cell is None or cell == "":
        return 1
    try:
        pieces = int(float(str(cell).replace(",", "")))
    except (ValueError, OverflowError):
        return None
    return pieces if abs(pieces) < 10**9 else None


FORMAT = Format("orders", "订单", "Orders", FIELDS, translate, finish=finish)
