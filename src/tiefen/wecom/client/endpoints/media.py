"""Files (https://developer.work.weixin.qq.com/document/path/90253, 90254, 90256, 95098)."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import between, one_of
from tiefen.wecom.client.wire import Reply

_MB = 1024 * 1024
LARGEST = {"image": 10 * _MB, "voice": 2 * _MB, "video": 10 * _MB, "file": 20 * _MB}
"""Bytes by kind of file; the least is six."""


class Uploaded(Reply, frozen=True, kw_only=True):
    type: str = ""
    media_id: str
    created_at: int = 0
    """Seconds since 1970. WeCom writes a string here and a number there."""


class PermanentImage(Reply, frozen=True, kw_only=True):
    url: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file or a part of one; `size` is that of the whole where it was told."""

    content: bytes
    media_type: str
    name: str
    size: int | None


class Media:
    """Temporary files are good for three days and shared by all apps of the corp."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def upload(self, kind: str, name: str, content: bytes) -> Uploaded:
        """Upload a temporary file: image (JPG, PNG), voice (AMR), video (MP4) or file."""
        endpoint = "media/upload"
        _check(endpoint, kind, content)
        return self._api.upload(endpoint, Uploaded, "media", _part(name, content), type=kind)

    def upload_attachment(self, kind: str, name: str, content: bytes, *, attachment_type: int) -> Uploaded:
        """Upload for Moments (1) or for product albums (2)."""
        endpoint = "media/upload_attachment"
        one_of(endpoint, "attachment_type", attachment_type, (1, 2))
        _check(endpoint, kind, content)
        part = _part(name, content)
        return self._api.upload(endpoint, Uploaded, "media", part, media_type=kind, attachment_type=attachment_type)

    def uploadimg(self, name: str, content: bytes) -> str:
        """Upload an image for good; returns its address. 1,000 a day, 3,000 a month."""
        between("media/uploadimg", "media (bytes)", len(content), 6, LARGEST["image"])
        return self._api.upload("media/uploadimg", PermanentImage, "media", _part(name, content)).url

    def get(self, media_id: str, *, first: int | None = None, last: int | None = None) -> Fetched:
        """Fetch a temporary file, or its bytes from `first` to `last`, both included."""
        part = {} if first is None else {"Range": f"bytes={first}-{'' if last is None else last}"}
        answer = self._api.download("media/get", part, media_id=media_id)
        whole = answer.headers.get("content-range", "").rpartition("/")[2] or answer.headers.get("content-length", "")
        name = answer.headers.get("content-disposition", "").partition("filename=")[2].strip('"')
        size = int(whole) if whole.isdigit() else None
        return Fetched(answer.content, answer.headers.get("content-type", ""), name, size)


def _check(endpoint: str, kind: str, content: bytes) -> None:
    one_of(endpoint, "type", kind, tuple(LARGEST))
    between(endpoint, "media (bytes)", len(content), 6, LARGEST[kind])


def _part(name: str, content: bytes) -> tuple[str, bytes, str]:
    return name, content, mimetypes.guess_type(name)[0] or "application/octet-stream"
