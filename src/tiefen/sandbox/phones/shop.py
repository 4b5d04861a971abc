"""The brand's shop: it posts what is bought, returned and looked at, as a shop with a Segment library would."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.phones.hand import Hand
from tiefen.sandbox.state import dump, load

Line = tuple[str, str, int, int]
"""(sku, name, quantity, fen a piece)."""


class ShopActs(Hand):
    def buy(self, person: str, lines: Sequence[Line], *, order_id: str | None = None) -> str:
        """The person pays for something; returns the order's id."""
        with self.box.act():
            number = self.store.number("order")
            order_id = order_id or f"{datetime.fromtimestamp(self.box.clock.now(), UTC):%Y%m%d}{number:08d}"
            fen = sum(quantity * each for _, _, quantity, each in lines)
            self.store.run(
                "INSERT INTO orders (order_id, corpid, person, lines, fen, at) VALUES (?, ?, ?, ?, ?, ?)",
                (order_id, self.corpid, person, dump([list(line) for line in lines]), fen, self.box.clock.now()),
            )
            bought = {"order_id": order_id, "total": fen / 100, "currency": "CNY", "products": _products(lines)}
            self._post(person, "Order Completed", bought, order_id)
            return order_id

    def refund(self, order_id: str, fen: int | None = None) -> None:
        """Money goes back: all of it, or a part in fen."""
        with self.box.act():
            order = self.store.one("SELECT * FROM orders WHERE order_id = ? AND corpid = ?", order_id, self.corpid)
            if order is None:
                raise NotPossible(f"there is no order {order_id}")
            left = order["fen"] - order["refunded"]
            back = left if fen is None else fen
            if not 0 < back <= left:
                raise NotPossible(f"{left} fen of {order_id} can be given back")
            self.store.run("UPDATE orders SET refunded = refunded + ? WHERE order_id = ?", (back, order_id))
            given = {"order_id": order_id, "total": back / 100, "currency": "CNY"}
            if back == order["fen"]:
                given["products"] = _products(load(order["lines"]))
            self._post(order["person"], "Order Refunded", given, f"{order_id}-{order['refunded'] + back}")

    def click(self, person: str, url: str) -> None:
        """The person follows a link to the brand's pages."""
        with self.box.act():
            self._post(person, "Link Clicked", {"link": url}, str(self.store.number("click")))

    def _post(self, person: str, event: str, properties: dict[str, Any], key: str) -> None:
        if self.box.corps_kept.corp(self.corpid).shop_url is None:
            return
        union = self._person(person)["unionid"]
        ids = [{"id": union, "type": "wechat_unionid", "collection": "users", "encoding": "none"}] if union else []
        at = datetime.fromtimestamp(self.box.clock.now(), UTC).isoformat(timespec="milliseconds")
        call = {
            "type": "track", "event": event, "userId": self._external(person), "properties": properties,
            "timestamp": at.replace("+00:00", "Z"), "messageId": f"shop-{self.corpid}-{event.replace(' ', '-')}-{key}",
            "context": {"externalIds": ids, "library": {"name": "sandbox-shop", "version": "1"}},
        }  # fmt: skip
        self.box.outbox.put(self.corpid, "shop", dump(call))


def _products(lines: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    return [{"sku": sku, "name": name, "quantity": quantity, "price": fen / 100} for sku, name, quantity, fen in lines]
