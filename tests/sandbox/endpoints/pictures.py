"""Files that are what they say, as small as they can be."""

from __future__ import annotations

import struct


def jpg(width: int = 8, height: int = 8) -> bytes:
    return b"\xff\xd8\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00\xff\xd9"


def png(width: int = 8, height: int = 8) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02\x00\x00\x00"


def mp4(seconds: float = 5) -> bytes:
    header = b"mvhd" + bytes(12) + struct.pack(">II", 1_000, int(seconds * 1_000)) + bytes(16)
    return b"\x00\x00\x00\x18ftypmp42" + header


def amr(seconds: float = 1) -> bytes:
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * int(seconds * 50)
