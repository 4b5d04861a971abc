"""What a message says: text and things attached."""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.wecom.client.attachments import Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Text, things attached, or both. Files in it were made ready with `Channel.media` shortly before."""

    text: str | None = None
    attachments: tuple[Attachment, ...] = ()
