"""Product albums 商品图册 (https://developer.work.weixin.qq.com/document/path/95096)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.attachments import Image
from tiefen.wecom.client.checks import at_most, at_most_bytes, between, some
from tiefen.wecom.client.errors import LimitExceeded
from tiefen.wecom.client.paging import every_page
from tiefen.wecom.client.wire import Page, Reply, given

_NUMBER = re.compile(r"[0-9A-Za-z]*")


class ProductImage(msgspec.Struct, frozen=True, kw_only=True):
    type: str = "image"
    image: Image = msgspec.field(default_factory=Image)


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """Something for sale; the price is in fen."""

    product_id: str = ""
    description: str = ""
    price: int = 0
    product_sn: str = ""
    create_time: int = 0
    attachments: tuple[ProductImage, ...] = ()


class NewProduct(Reply, frozen=True, kw_only=True):
    product_id: str


class ProductReply(Reply, frozen=True, kw_only=True):
    product: Product


class Products(Page, frozen=True, kw_only=True):
    product_list: tuple[Product, ...] = ()


class Albums:
    """Products staff can send; an app changes only its own."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def add_product_album(
        self, description: str, price_fen: int, media_ids: Sequence[str], *, product_sn: str | None = None
    ) -> str:
        """Add a product with 1 to 9 images from `media/upload_attachment` (attachment type 2); returns its id."""
        endpoint = "externalcontact/add_product_album"
        some(endpoint, "attachments", media_ids)
        body = _body(endpoint, description, price_fen, media_ids, product_sn)
        return self._api.do(endpoint, NewProduct, body).product_id

    def get_product_album(self, product_id: str) -> Product:
        body = {"product_id": product_id}
        return self._api.ask("externalcontact/get_product_album", ProductReply, body).product

    def get_product_album_list(self, cursor: str = "", limit: int = 100) -> Products:
        endpoint = "externalcontact/get_product_album_list"
        between(endpoint, "limit", limit, 1, 100)
        return self._api.ask(endpoint, Products, {"limit": limit, "cursor": cursor})

    def every_product(self, cursor: str = "") -> Iterator[tuple[Products, str]]:
        return every_page("externalcontact/get_product_album_list", self.get_product_album_list, cursor)

    def update_product_album(
        self, product_id: str, *, description: str | None = None, price_fen: int | None = None,
        media_ids: Sequence[str] = (), product_sn: str | None = None,
    ) -> None:  # fmt: skip
        endpoint = "externalcontact/update_product_album"
        body = _body(endpoint, description, price_fen, media_ids, product_sn)
        self._api.do(endpoint, Reply, {"product_id": product_id, **body}, ("product", product_id))

    def delete_product_album(self, product_id: str) -> None:
        body = {"product_id": product_id}
        self._api.do("externalcontact/delete_product_album", Reply, body, ("product", product_id))


def _body(
    endpoint: str, description: str | None, price_fen: int | None, media_ids: Sequence[str], number: str | None
) -> dict[str, object]:
    at_most(endpoint, "description", description, 300)
    at_most(endpoint, "attachments", media_ids, 9)
    at_most_bytes(endpoint, "product_sn", number, 128)
    if price_fen is not None:
        between(endpoint, "price", price_fen, 0, 5_000_000)
    if number is not None and not _NUMBER.fullmatch(number):
        raise LimitExceeded(endpoint, "product_sn", "letters and digits only", repr(number))
    images = [{"type": "image", "image": {"media_id": media_id}} for media_id in media_ids]
    return given(description=description, price=price_fen, product_sn=number, attachments=images or None)
