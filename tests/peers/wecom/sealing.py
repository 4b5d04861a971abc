"""Everybody's way to seal and open callbacks, ours among them, behind one interface."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tests.peers.wecom.others import Running, Software
from tiefen.kit.callback_crypto import CallbackCrypto, Envelope
from tiefen.kit.errors import TiefenError
from tiefen.wecom.events import texts_of

Starter = Callable[[Software, str], Running]
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Secrets:
    """What both ends of a callback know."""

    token: str
    key: str
    receiver: str

    def as_list(self) -> list[str]:
        return [self.token, self.key, self.receiver]


class Refused(Exception):
    """It was not opened."""


class Sealer(Protocol):
    """Who can seal and open."""

    def seal(self, secrets: Secrets, text: str, timestamp: str, nonce: str) -> Envelope: ...
    def open(self, secrets: Secrets, envelope: Envelope) -> str:
        """The text; `Refused` if they will not."""
        ...

    def verify(self, secrets: Secrets, envelope: Envelope) -> str:
        """The same by the way meant for echostr."""
        ...


class Ours:
    def seal(self, secrets: Secrets, text: str, timestamp: str, nonce: str) -> Envelope:
        return CallbackCrypto(*secrets.as_list()).seal(text, timestamp=timestamp, nonce=nonce)

    def open(self, secrets: Secrets, envelope: Envelope) -> str:
        try:
            return CallbackCrypto(*secrets.as_list()).open(envelope)
        except TiefenError as error:
            raise Refused(error.code) from None

    verify = open


class Theirs:
    def __init__(self, process: Running) -> None:
        self._process = process

    def seal(self, secrets: Secrets, text: str, timestamp: str, nonce: str) -> Envelope:
        said = self._process.ask("seal", secrets=secrets.as_list(), text=text, timestamp=timestamp, nonce=nonce)
        if "packet" not in said:
            return Envelope(said["encrypted"], said["signature"], timestamp, nonce)
        packet = {name: values[0] for name, values in texts_of(said["packet"].encode()).items()}
        return Envelope(packet["Encrypt"], packet["MsgSignature"], packet["TimeStamp"], packet["Nonce"])

    def open(self, secrets: Secrets, envelope: Envelope) -> str:
        return self._text("open", secrets, envelope, encrypted=envelope.encrypted)

    def verify(self, secrets: Secrets, envelope: Envelope) -> str:
        return self._text("verify", secrets, envelope, echostr=envelope.encrypted)

    def _text(self, does: str, secrets: Secrets, envelope: Envelope, **sealed: str) -> str:
        said = self._process.ask(
            does, secrets=secrets.as_list(), signature=envelope.signature, timestamp=envelope.timestamp,
            nonce=envelope.nonce, **sealed,
        )  # fmt: skip
        if "text" not in said:
            raise Refused(f"{said['refused']}: {said['why']}")
        return str(said["text"])


def word(chance: random.Random, length: int) -> str:
    return "".join(chance.choices(_LETTERS, k=length))


def some_secrets(chance: random.Random) -> Secrets:
    return Secrets(word(chance, chance.randint(1, 32)), word(chance, 43), "ww" + word(chance, 16))
