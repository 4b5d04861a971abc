"""What messages are made of: text and things attached, as WeCom writes them in both directions."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tiefen.wecom.client.checks import at_most, at_most_bytes
from tiefen.wecom.client.errors import LimitExceeded


class Text(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    content: str = ""


class Image(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """By `media_id` (three days) or `pic_url` (from `media/uploadimg`); the first wins."""

    media_id: str | None = None
    pic_url: str | None = None


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    title: str = ""
    url: str = ""
    desc: str | None = None
    picurl: str | None = None
    media_id: str | None = None
    """The cover, in a Moments post."""


class MiniProgram(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    title: str = ""
    pic_media_id: str = ""
    appid: str = ""
    page: str = ""


class File(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    media_id: str = ""


class Attachment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing attached: `msgtype` names the field that is filled."""

    msgtype: str
    image: Image | None = None
    link: Link | None = None
    miniprogram: MiniProgram | None = None
    video: File | None = None
    file: File | None = None


def image(media_id: str | None = None, *, pic_url: str | None = None) -> Attachment:
    return Attachment(msgtype="image", image=Image(media_id=media_id, pic_url=pic_url))


def link(title: str, url: str, *, desc: str | None = None, picurl: str | None = None) -> Attachment:
    return Attachment(msgtype="link", link=Link(title=title, url=url, desc=desc, picurl=picurl))


def mini_program(title: str, appid: str, page: str, *, pic_media_id: str) -> Attachment:
    program = MiniProgram(title=title, appid=appid, page=page, pic_media_id=pic_media_id)
    return Attachment(msgtype="miniprogram", miniprogram=program)


def video(media_id: str) -> Attachment:
    return Attachment(msgtype="video", video=File(media_id=media_id))


def file(media_id: str) -> Attachment:
    return Attachment(msgtype="file", file=File(media_id=media_id))


def check_message(
    endpoint: str, text: str | None, attachments: Sequence[Attachment], *, bytes_most: int = 4_000, many: int = 9
) -> None:
    """The limits of a message: not empty, 4,000 bytes of text, nine things attached, titles and addresses in bytes."""
    if not text and not attachments:
        raise LimitExceeded(endpoint, "text, attachments", "at least one of them", "none")
    at_most_bytes(endpoint, "text.content", text, bytes_most)
    at_most(endpoint, "attachments", attachments, many)
    for attached in attachments:
        if attached.link is not None:
            at_most_bytes(endpoint, "link.title", attached.link.title, 128)
            at_most_bytes(endpoint, "link.desc", attached.link.desc, 512)
            at_most_bytes(endpoint, "link.url", attached.link.url, 2_048)
        if attached.miniprogram is not None:
            at_most_bytes(endpoint, "miniprogram.title", attached.miniprogram.title, 64)
