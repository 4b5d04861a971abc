"""Chance and names that a seed decides: the same question has the same answer in every run."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
_ALNUM = bytes.maketrans(b"-_", b"xQ")


class Seeds:
    """Answers by (seed, question); `parts` make a question another one."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def bytes(self, kind: str, *parts: object, size: int = 24) -> bytes:
        question = f"{self.seed}|{kind}|{'|'.join(map(str, parts))}"
        return blake2b(question.encode(), digest_size=size).digest()

    def text(self, kind: str, *parts: object, length: int = 30) -> str:
        """Letters and digits, ≤ 85."""
        raw = self.bytes(kind, *parts, size=min(64, length * 3 // 4 + 1))
        return base64.urlsafe_b64encode(raw).translate(_ALNUM)[:length].decode()

    def hex(self, kind: str, *parts: object, length: int = 32) -> str:
        return self.bytes(kind, *parts, size=length // 2 + 1).hex()[:length]

    def aes_key(self, *parts: object) -> str:
        """43 letters and digits that are the Base64 of 32 bytes."""
        for turn in range(10_000):
            key = base64.b64encode(self.bytes("aes", *parts, turn, size=32)).decode().rstrip("=")
            if key.isalnum():
                return key
        raise AssertionError("one in four is")

    def share(self, kind: str, *parts: object) -> float:
        """A number in [0, 1)."""
        return int.from_bytes(self.bytes(kind, *parts, size=8), "big") / 2**64

    def pick(self, items: Sequence[T], kind: str, *parts: object) -> T:
        return items[int(self.share(kind, *parts) * len(items))]
