"""Plain rows of what was said, as a sidecar of the archive's native library would give them.

WeCom's library tells the last five days only (https://developer.work.weixin.qq.com/document/path/91774).
"""

from __future__ import annotations

import hmac
import sqlite3
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec

from tiefen.sandbox.answering import Answer, refusal
from tiefen.sandbox.endpoints.base import Refused
from tiefen.sandbox.errors import UnknownCorp
from tiefen.sandbox.state import load

if TYPE_CHECKING:
    from tiefen.sandbox.box import Sandbox

_MOST = 1_000


def archive(box: Sandbox, query: str) -> Answer:
    """`?corpid=&secret=&seq=&limit=`: what was said after number `seq`, in order, as `rows`."""
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    with box.act():
        try:
            rows = _rows(box, asked)
        except Refused as refused:
            return refusal(None, refused, "127.0.0.1", box.clock.now(), 1)
    body = msgspec.json.encode({"errcode": 0, "errmsg": "ok", "rows": rows})
    return Answer(200, (("Content-Type", "application/json; charset=UTF-8"),), body)


def _rows(box: Sandbox, asked: dict[str, str]) -> list[dict[str, Any]]:
    corpid = asked.get("corpid", "")
    try:
        corp = box.corp(corpid)
    except UnknownCorp:
        raise Refused(40013) from None
    if not hmac.compare_digest(corp.keys.archive_secret.encode(), asked.get("secret", "").encode()):
        raise Refused(40001)
    seq, limit = asked.get("seq", "0"), asked.get("limit", str(_MOST))
    if not (seq.isdecimal() and limit.isdecimal() and 1 <= int(limit) <= _MOST):
        raise Refused(40058, "`seq` or `limit` out of range.")
    days = box.archive_days
    since = 0.0 if days is None else box.clock.now() - days * 86_400
    found = box.store.all(
        "SELECT * FROM messages WHERE corpid = ? AND seq > ? AND at >= ? ORDER BY seq LIMIT ?",
        corpid, int(seq), since, int(limit),
    )  # fmt: skip
    return [_row(row) for row in found]


def _row(row: sqlite3.Row) -> dict[str, Any]:
    shown = {
        "seq": row["seq"], "msgid": row["msgid"], "action": "send", "from": row["sender"],
        "tolist": load(row["tolist"]), "roomid": row["roomid"], "msgtime": int(row["at"] * 1_000),
        "msgtype": row["msgtype"], row["msgtype"]: load(row["content"]),
    }  # fmt: skip
    return shown | ({"reply_to": row["reply_to"]} if row["reply_to"] else {})
