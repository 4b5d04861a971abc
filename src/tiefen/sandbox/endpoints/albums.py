"""Product albums 商品图册 (https://developer.work.weixin.qq.com/document/path/95096)."""

from __future__ import annotations

import sqlite3
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Endpoint, Refused
from tiefen.sandbox.endpoints.content import of, record_of
from tiefen.sandbox.state import dump, load

_PRICE_MOST = 5_000_000
"""Fen."""


def _add(call: Call) -> dict[str, Any]:
    product = {
        "description": _description(call), "price": _price(call), "product_sn": _number(call),
        "attachments": _attachments(call),
    }  # fmt: skip
    product_id = call.new_id("product", "pAAA")
    call.box.store.run(
        "INSERT INTO albums (product_id, corpid, agentid, content, created) VALUES (?, ?, ?, ?, ?)",
        (product_id, call.corpid, call.app.agentid, dump(product), call.now),
    )
    return {"product_id": product_id}


def _get(call: Call) -> dict[str, Any]:
    return {"product": _told(_product(call))}


def _list(call: Call) -> dict[str, Any]:
    limit, after = call.number("limit", 50, least=1, most=100), call.cursor() or [0.0, ""]
    rows = call.box.store.all(
        "SELECT * FROM albums WHERE corpid = ? AND agentid = ? AND (created, product_id) > (?, ?)"
        " ORDER BY created, product_id LIMIT ?",
        call.corpid, call.app.agentid, *after, limit + 1,
    )  # fmt: skip
    page = rows[:limit]
    more = call.next_cursor(page[-1]["created"], page[-1]["product_id"]) if len(rows) > limit else ""
    return {"next_cursor": more, "product_list": [_told(row) for row in page]}


def _update(call: Call) -> dict[str, Any]:
    row = _product(call)
    product: dict[str, Any] = load(row["content"])
    for name, read in (
        ("description", _description), ("price", _price), ("product_sn", _number), ("attachments", _attachments),
    ):  # fmt: skip
        if call.has(name):
            product[name] = read(call)
    call.box.store.run("UPDATE albums SET content = ? WHERE product_id = ?", (dump(product), row["product_id"]))
    return {}


def _delete(call: Call) -> dict[str, Any]:
    call.box.store.run("DELETE FROM albums WHERE product_id = ?", (_product(call)["product_id"],))
    return {}


def _description(call: Call) -> str:
    words = call.text("description", missing=41085)
    if len(words) > 300:
        raise Refused(41085)
    return words


def _price(call: Call) -> int:
    price = call.given.get("price")
    if isinstance(price, bool) or not isinstance(price, int) or not 0 <= price <= _PRICE_MOST:
        raise Refused(41086)
    return price


def _number(call: Call) -> str:
    number = call.text("product_sn")
    if len(number.encode()) > 128 or (number and not (number.isascii() and number.isalnum())):
        raise Refused(41087)
    return number


def _attachments(call: Call) -> list[dict[str, Any]]:
    """One to nine images from `media/upload_attachment` (attachment type 2)."""
    items = call.objects("attachments", most=9, errcode=41202)
    if not items:
        raise Refused(41202)
    return [_image(of(call, item)) for item in items]


def _image(call: Call) -> dict[str, Any]:
    if call.text("type") != "image":
        raise Refused(41202)
    media_id = call.within("image").text("media_id", missing=40007)
    call.media(media_id, purpose="album")
    return {"type": "image", "image": {"media_id": media_id}}


def _told(row: sqlite3.Row) -> dict[str, Any]:
    return {"product_id": row["product_id"], "create_time": int(row["created"]), **load(row["content"])}


def _product(call: Call) -> sqlite3.Row:
    row = call.box.store.one(
        "SELECT * FROM albums WHERE product_id = ? AND corpid = ?", call.text("product_id", missing=41074), call.corpid
    )
    if row is None:
        raise Refused(41073)
    if row["agentid"] != call.app.agentid:
        raise Refused(41075)
    return row


_PATH = "externalcontact/"
ENDPOINTS = (
    Endpoint(f"{_PATH}add_product_album", "POST", _add),
    Endpoint(f"{_PATH}get_product_album", "POST", _get, empty={"product": {}}),
    Endpoint(f"{_PATH}get_product_album_list", "POST", _list, empty={"product_list": []}),
    Endpoint(f"{_PATH}update_product_album", "POST", _update, record=record_of("product_id")),
    Endpoint(f"{_PATH}delete_product_album", "POST", _delete, record=record_of("product_id")),
)
