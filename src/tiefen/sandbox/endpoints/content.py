"""What messages are made of: a text and things attached, refused where WeCom would refuse them.

https://developer.work.weixin.qq.com/document/path/92137, 92135, 92366, 95094
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from tiefen.sandbox.endpoints.base import Call, Refused

KINDS = ("image", "link", "miniprogram", "video", "file")
PICTURES = "https://wework.qpic.cn/wwpic/"
"""What the address of an image from `media/uploadimg` begins with."""


def message(
    call: Call, *, purpose: str = "media", kinds: Collection[str] = KINDS, empty: int = 40058
) -> dict[str, Any]:
    """`{"text": {"content"}, "attachments": […]}` without what is absent; `empty` is the errcode if both are."""
    found = {**text(call, most_bytes=4_000), **_attachments(call, purpose, kinds)}
    if not found:
        raise Refused(empty, "`text` and `attachments` are both empty." if empty == 40058 else "")
    return found


def text(call: Call, *, most_bytes: int, most: int | None = None) -> dict[str, Any]:
    """`{"text": {"content"}}`, or nothing for an absent or empty one."""
    words = call.within("text").text("content", most=most, most_bytes=most_bytes)
    if any(word in words for word in call.corp.settings.get("refused_words", ())):
        raise Refused(40201)
    return {"text": {"content": words}} if words else {}


def thing(call: Call, kind: str, purpose: str = "media") -> dict[str, Any]:
    """One attached thing, as it stands in the object named after its kind."""
    return _READ[kind](call.within(kind), purpose)


def of(call: Call, item: Mapping[str, Any]) -> Call:
    """The same call reading what stands in one object of a list."""
    return replace(call, body=item)


def record_of(name: str) -> Callable[[Mapping[str, Any]], str | None]:
    """The record a call writes to, named by one field of its body."""
    return lambda body: str(body[name]) if body.get(name) else None


def _attachments(call: Call, purpose: str, kinds: Collection[str]) -> dict[str, Any]:
    items = [_attachment(of(call, item), purpose, kinds) for item in call.objects("attachments", most=9, errcode=41064)]
    return {"attachments": items} if items else {}


def _attachment(call: Call, purpose: str, kinds: Collection[str]) -> dict[str, Any]:
    kind = call.text("msgtype")
    if kind not in kinds:
        raise Refused(41065, "invalid attachments msgtype.")
    if not call.has(kind):
        raise Refused(41065, f"missing `{kind}`.")
    return {"msgtype": kind, kind: thing(call, kind, purpose)}


def _image(call: Call, purpose: str) -> dict[str, Any]:
    """By `media_id`, which wins, or by an address from `media/uploadimg`."""
    if media_id := call.text("media_id"):
        return {"media_id": _of_type(call, media_id, "image", purpose)}
    url = call.text("pic_url", missing=40007)
    name = url.removeprefix(PICTURES).partition("/")[0]
    if not url.startswith(PICTURES) or call.box.store.one("SELECT 1 FROM media WHERE media_id = ?", name) is None:
        raise Refused(41065, "invalid image pic_url.")
    return {"pic_url": url}


def _link(call: Call, purpose: str) -> dict[str, Any]:
    given = {
        "title": call.text("title", missing=None if purpose == "moments" else 40058, most_bytes=128),
        "url": call.text("url", missing=40058, most_bytes=2_048),
        "desc": call.text("desc", most_bytes=512),
        "picurl": call.text("picurl", most_bytes=2_048),
    }
    if media_id := call.text("media_id"):
        given["media_id"] = _of_type(call, media_id, "image", purpose)
    return {name: value for name, value in given.items() if value}


def _miniprogram(call: Call, purpose: str) -> dict[str, Any]:
    return {
        "title": call.text("title", missing=40058, most_bytes=64),
        "pic_media_id": _of_type(call, call.text("pic_media_id", missing=40007), "image", purpose),
        "appid": call.text("appid", missing=40058),
        "page": call.text("page", missing=40058),
    }


def _video(call: Call, purpose: str) -> dict[str, Any]:
    return {"media_id": _of_type(call, call.text("media_id", missing=40007), "video", purpose)}


def _file(call: Call, purpose: str) -> dict[str, Any]:
    return {"media_id": _of_type(call, call.text("media_id", missing=40007), "file", purpose)}


def _of_type(call: Call, media_id: str, type: str, purpose: str) -> str:
    if call.media(media_id, purpose=purpose)["type"] != type:
        raise Refused(40007)
    return media_id


_READ: dict[str, Callable[[Call, str], dict[str, Any]]] = {
    "image": _image,
    "link": _link,
    "miniprogram": _miniprogram,
    "video": _video,
    "file": _file,
}
