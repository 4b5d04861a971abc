"""What a file really is, by its first bytes, and how large or how long what it shows is."""

from __future__ import annotations

_AMR_FRAME = (13, 14, 16, 18, 20, 21, 27, 32, 6)
"""Bytes of a frame of 20 ms by its mode, its head included."""
_JPG_SIZE = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


def kind_of(content: bytes) -> str:
    """`image` (JPG, PNG), `voice` (AMR), `video` (MP4), or ""."""
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return "image"
    if content.startswith(b"#!AMR"):
        return "voice"
    return "video" if content[4:8] == b"ftyp" else ""


def pixels(content: bytes) -> tuple[int, int] | None:
    """(width, height) of a JPG or PNG; None if the file does not say."""
    if content.startswith(b"\x89PNG"):
        if content[12:16] != b"IHDR" or len(content) < 24:
            return None
        return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    return _jpg_pixels(content)


def amr_seconds(content: bytes) -> float | None:
    """How long a narrow-band AMR is; None for a frame that there is not."""
    at, frames = len(b"#!AMR\n"), 0
    while at < len(content):
        mode = content[at] >> 3 & 15
        if mode >= len(_AMR_FRAME):
            return None
        at, frames = at + _AMR_FRAME[mode], frames + 1
    return frames * 0.02


def mp4_seconds(content: bytes) -> float | None:
    """How long an MP4 is, by its movie header; None without one."""
    at = content.find(b"mvhd") + 4
    if at < 4 or len(content) < at + 32:
        return None
    scale_at, size = (at + 20, 8) if content[at] == 1 else (at + 12, 4)
    scale = int.from_bytes(content[scale_at : scale_at + 4], "big")
    length = int.from_bytes(content[scale_at + 4 : scale_at + 4 + size], "big")
    return length / scale if scale else None


def _jpg_pixels(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        if content[at + 1] in _JPG_SIZE:
            height, width = (
                int.from_bytes(content[at + 5 : at + 7], "big"),
                int.from_bytes(content[at + 7 : at + 9], "big"),
            )
            return width, height
        at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4], "big"))
    return None
