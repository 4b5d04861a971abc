"""What is said: text and things attached, the same for whatever sends it."""

from __future__ import annotations

from hashlib import blake2b

import msgspec


class Image(msgspec.Struct, frozen=True, kw_only=True, tag="image"):
    """A picture, by its name in the library of files."""

    file: str


class File(msgspec.Struct, frozen=True, kw_only=True, tag="file"):
    """A file, by its name in the library of files."""

    file: str


class Video(msgspec.Struct, frozen=True, kw_only=True, tag="video"):
    """A video, by its name in the library of files."""

    file: str


class Link(msgspec.Struct, frozen=True, kw_only=True, tag="link"):
    """A card that opens a page."""

    title: str
    url: str
    description: str = ""
    picture_url: str = ""


class MiniProgram(msgspec.Struct, frozen=True, kw_only=True, tag="mini_program"):
    """A card that opens a page of a mini program; `cover` is a file of the library."""

    title: str
    appid: str
    page: str
    cover: str


Attachment = Image | File | Video | Link | MiniProgram


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Text of ≤ 4,000 bytes, ≤ 9 things attached, or both (https://developer.work.weixin.qq.com/document/path/92135)."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()

    @property
    def content_id(self) -> str:
        """A digest of what it says: the same words are the same content, whoever says them."""
        return blake2b(msgspec.json.encode(self), digest_size=12).hexdigest()
