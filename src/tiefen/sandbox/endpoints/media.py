"""Files (https://developer.work.weixin.qq.com/document/path/90253, 90254, 90256, 95098)."""

from __future__ import annotations

from typing import Any

from tiefen.sandbox.endpoints import files
from tiefen.sandbox.endpoints.base import Call, Endpoint, File, Limit, Refused, Upload
from tiefen.sandbox.endpoints.content import PICTURES

_MB = 2**20
_LARGEST = {"image": 10 * _MB, "voice": 2 * _MB, "video": 10 * _MB, "file": 20 * _MB}
_LIVES = 3 * 86_400.0
_PURPOSE = {1: "moments", 2: "album"}
_LONG, _SHORT = 10_800, 1_080
"""Pixels of the sides of an image in Moments."""
_SECONDS = {"voice": 60.0, "video": 30.0}


def _upload(call: Call) -> dict[str, Any]:
    kind = call.params.get("type", "")
    file = _checked(call, kind, tuple(_LARGEST))
    if kind == "voice" and (files.amr_seconds(file.content) or 0) > _SECONDS["voice"]:
        raise Refused(40006)
    return _kept(call, kind, file, "media") | {"created_at": str(int(call.now))}


def _upload_attachment(call: Call) -> dict[str, Any]:
    kind, number = call.params.get("media_type", ""), call.params.get("attachment_type", "")
    if number not in ("1", "2"):
        raise Refused(40058, "invalid param 'attachment_type'.")
    purpose = _PURPOSE[int(number)]
    file = _checked(call, kind, ("image", "video", "file") if purpose == "moments" else ("image",))
    if purpose == "moments":
        _fits_moments(kind, file.content)
    return _kept(call, kind, file, purpose) | {"created_at": int(call.now)}


def _uploadimg(call: Call) -> dict[str, Any]:
    made = _kept(call, "image", _checked(call, "image", ("image",)), "image")
    return {"url": f"{PICTURES}{made['media_id']}/0"}


def _get(call: Call) -> File:
    row = call.media(call.text("media_id", missing=40007))
    return File(bytes(row["content"]), row["content_type"], row["filename"])


def _checked(call: Call, kind: str, allowed: tuple[str, ...]) -> Upload:
    """The file that came, if it is what it says and of a size that is taken."""
    if kind not in allowed:
        raise Refused(40004)
    file = call.upload
    if file is None or not file.content:
        raise Refused(44001)
    if not file.filename:
        raise Refused(40058, "missing `filename`.")
    if len(file.content) <= 5:
        raise Refused(40006)
    if len(file.content) > _LARGEST[kind]:
        raise Refused(45001)
    if kind != "file" and files.kind_of(file.content) != kind:
        raise Refused(40005)
    if kind == "image" and call.box.strict and files.pixels(file.content) is None:
        raise Refused(40009)
    return file


def _fits_moments(kind: str, content: bytes) -> None:
    if kind == "image" and (sides := files.pixels(content)) is not None and (max(sides) > _LONG or min(sides) > _SHORT):
        raise Refused(40009)
    if kind == "video" and (files.mp4_seconds(content) or 0) > _SECONDS["video"]:
        raise Refused(40011)


def _kept(call: Call, kind: str, file: Upload, purpose: str) -> dict[str, Any]:
    media_id = call.new_id("media", "3", 44)
    expires = None if purpose == "image" else call.now + _LIVES
    call.box.store.run(
        "INSERT INTO media (media_id, corpid, type, purpose, filename, content_type, content, created, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            media_id, call.corpid, kind, purpose, file.filename, file.content_type or "application/octet-stream",
            file.content, call.now, expires,
        ),
    )  # fmt: skip
    call.box.store.run("UPDATE media SET content = x'' WHERE expires < ?", (call.now - _LIVES,))
    return {"type": kind, "media_id": media_id}


ENDPOINTS = (
    Endpoint("media/upload", "POST", _upload, errmsg=""),
    Endpoint("media/upload_attachment", "POST", _upload_attachment, errmsg=""),
    Endpoint(
        "media/uploadimg", "POST", _uploadimg, limits=(Limit("corp", "day", 1_000), Limit("corp", "month", 3_000))
    ),
    Endpoint("media/get", "GET", _get),
)
