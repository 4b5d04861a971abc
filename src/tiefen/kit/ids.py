"""Names for new things, and secrets that are stored only as digests."""

from __future__ import annotations

import hashlib
import secrets


def new_id() -> str:
    """Sixteen hexadecimal characters nobody has used."""
    return secrets.token_hex(8)


def new_secret() -> str:
    """A secret fit for a URL, with 256 bits in it."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret of full entropy, in hexadecimal. Not for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()
