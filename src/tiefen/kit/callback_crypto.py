"""The envelope in which WeCom sends events: AES-256-CBC inside, a SHA-1 signature outside.

Source: https://developer.work.weixin.qq.com/document/path/90968 (加解密方案说明). CBC has no check of its own, so the
signature is compared, in constant time, before anything is decrypted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tiefen.kit.errors import TiefenError

_BLOCK = 32
_KEY = re.compile(r"[A-Za-z0-9]{43}")
_TOKEN = re.compile(r"[A-Za-z0-9]{1,32}")


@dataclass(eq=False)
class BadSignature(TiefenError):
    """Forged, altered, or sealed with another token."""

    status = 403
    says = "The signature does not fit the message."


@dataclass(eq=False)
class BadEnvelope(TiefenError):
    """Signed rightly and still no message: no base64, wrong padding, a length that lies."""

    says = "The envelope cannot be opened: {why}."

    why: str


@dataclass(eq=False)
class ForeignReceiver(TiefenError):
    """A message for somebody else, sealed with a key both have."""

    status = 403
    says = "The message is for {receiver}, not for this company."

    receiver: str


@dataclass(eq=False)
class BadSecrets(TiefenError):
    """A token or key that WeCom's form would not take."""

    says = "The callback's {which} must be {rule}."

    which: str
    rule: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What travels: `encrypted` in the body (or `echostr`), the rest in the address."""

    encrypted: str
    signature: str
    timestamp: str
    nonce: str


class CallbackCrypto:
    """Seals and opens for one receiver: a company's own app has its corpid as `receiver`."""

    def __init__(self, token: str, aes_key: str, receiver: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise BadSecrets("token", "1 to 32 letters and digits")
        if not _KEY.fullmatch(aes_key):
            raise BadSecrets("EncodingAESKey", "43 letters and digits")
        # 43 characters are two bits more than 32 bytes; everybody leaves those out of account.
        self._key = base64.b64decode(aes_key + "=")
        self._token, self._receiver = token, receiver.encode()

    def seal(self, text: str, *, timestamp: str, nonce: str) -> Envelope:
        """The text, sealed. Two envelopes of one text differ: sixteen random bytes go first."""
        message = text.encode()
        plain = secrets.token_bytes(16) + len(message).to_bytes(4, "big") + message + self._receiver
        pad = _BLOCK - len(plain) % _BLOCK
        cipher = self._cipher().encryptor()
        sealed = cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()
        encrypted = base64.b64encode(sealed).decode()
        return Envelope(encrypted, self.signature(timestamp, nonce, encrypted), timestamp, nonce)

    def open(self, envelope: Envelope) -> str:
        """The text within, once signature and receiver are found right."""
        expected = self.signature(envelope.timestamp, envelope.nonce, envelope.encrypted)
        if not hmac.compare_digest(expected.encode(), envelope.signature.encode(errors="replace")):
            raise BadSignature
        message, receiver = _take_apart(self._decrypt(envelope.encrypted))
        if not hmac.compare_digest(receiver, self._receiver):
            raise ForeignReceiver(receiver.decode(errors="replace")[:64])
        try:
            return message.decode()
        except UnicodeDecodeError:
            raise BadEnvelope("not UTF-8") from None

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """SHA-1 over the four texts in alphabetical order, lower-case hexadecimal."""
        together = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        return hashlib.sha1(together.encode(errors="replace"), usedforsecurity=False).hexdigest()

    def _decrypt(self, encrypted: str) -> bytes:
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except ValueError:
            raise BadEnvelope("not base64") from None
        if not sealed or len(sealed) % 16:
            raise BadEnvelope("not whole blocks")
        cipher = self._cipher().decryptor()
        return cipher.update(sealed) + cipher.finalize()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES256(self._key), modes.CBC(self._key[:16]))


def _take_apart(padded: bytes) -> tuple[bytes, bytes]:
    """(message, receiver) of what was sealed."""
    pad = padded[-1]
    if not 1 <= pad <= _BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise BadEnvelope("wrong padding")
    content = padded[16:-pad]
    length = int.from_bytes(content[:4], "big")
    if len(content) < 4 + length:
        raise BadEnvelope("the length does not fit")
    return content[4 : 4 + length], content[4 + length :]
