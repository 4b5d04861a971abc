"""WeCom calling: envelopes sealed as it seals them, and an app that takes them in."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.conftest import CORP
from tiefen.kit.callback_crypto import CallbackCrypto, Envelope
from tiefen.kit.clock import now_us
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.callbacks import Callbacks
from tiefen.wecom.connections import Connection, connect
from tiefen.wecom.events import Event

_numbers = itertools.count(1)


def until(true: Callable[[], bool], patience: float = 10.0) -> None:
    ends = time.monotonic() + patience
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)


def xml(event: str, change: str = "", *, at: int | None = None, **fields: str | Sequence[str]) -> str:
    """An event as WeCom writes it."""
    told: dict[str, Any] = {
        "ToUserName": "ww1", "FromUserName": "sys", "CreateTime": str(at or int(time.time())), "MsgType": "event",
        "Event": event,
    }  # fmt: skip
    if change:
        told["ChangeType"] = change
    return "<xml>" + "".join(_element(name, value) for name, value in (told | fields).items()) + "</xml>"


def _element(name: str, value: str | Sequence[str]) -> str:
    inside = escape(value) if isinstance(value, str) else "".join(f"<Item>{escape(one)}</Item>" for one in value)
    return f"<{name}>{inside}</{name}>"


def added(whom: str, *, code: str = "", at: int | None = None) -> str:
    more = {"WelcomeCode": code} if code else {}
    return xml("change_external_contact", "add_external_contact", at=at, UserID="xifeng", ExternalUserID=whom, **more)


def joined(group: str, *members: str, at: int | None = None) -> str:
    return xml(
        "change_external_chat", "update", at=at, ChatId=group, UpdateDetail="add_member", JoinScene="3",
        MemChangeCnt=str(len(members)), MemChangeList=members,
    )  # fmt: skip


def address(envelope: Envelope, **more: str) -> dict[str, str]:
    return {
        "msg_signature": envelope.signature, "timestamp": envelope.timestamp, "nonce": envelope.nonce, **more,
    }  # fmt: skip


def body_of(envelope: Envelope) -> str:
    return f"<xml><ToUserName><![CDATA[ww1]]></ToUserName><Encrypt><![CDATA[{envelope.encrypted}]]></Encrypt></xml>"


class Telling:
    """Somebody who remembers what was handed to them; `cannot` says what makes them fail."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        self.cannot: Callable[[Event], Exception | None] = lambda _: None
        self.batches: list[int] = []

    def take(self, events: Sequence[Event]) -> None:
        for event in events:
            if (error := self.cannot(event)) is not None:
                raise error
        self.batches.append(len(events))
        self.told += events


class Welcoming:
    """Somebody who welcomes, and remembers whom and how long after they came."""

    def __init__(self, takes: float = 0.0) -> None:
        self.takes, self.welcomed, self.after = takes, [], []  # type: tuple[float, list[Event], list[float]]

    def welcome(self, event: Event) -> None:
        time.sleep(self.takes)
        self.welcomed.append(event)
        self.after.append((now_us() - event.received_us) / 1e6)


@dataclass
class Called:
    """An app that WeCom calls, and what stands behind it."""

    ledger: Ledger
    connection: Connection
    callbacks: Callbacks
    client: TestClient
    telling: Telling
    offset: list[int] = field(default_factory=lambda: [0])
    """Seconds by which our clock is off."""

    @property
    def path(self) -> str:
        return self.connection.callback_path

    def seal(self, content: str, *, at: int | None = None, crypto: CallbackCrypto | None = None) -> Envelope:
        return (crypto or self.connection.crypto).seal(
            content, timestamp=str(int(time.time()) if at is None else at), nonce=str(next(_numbers))
        )

    def call(self, content: str, *, at: int | None = None, crypto: CallbackCrypto | None = None) -> Any:
        """WeCom posts an event; returns the answer."""
        return self.post(self.seal(content, at=at, crypto=crypto))

    def post(self, envelope: Envelope, body: str | bytes | None = None) -> Any:
        return self.client.post(
            self.path, params=address(envelope), content=body_of(envelope) if body is None else body
        )


@contextmanager
def called(ledger: Ledger, *, work: bool = True, telling: Telling | None = None, **more: Any) -> Iterator[Called]:
    """An app of a connected corp, from its start to its end."""
    told, offset = telling or Telling(), [0]
    made = connect(ledger, CORP, base_url="http://127.0.0.1:9", corpid="ww1", secret="s", **more)
    callbacks = Callbacks(ledger, lambda _: told, clock=lambda: now_us() + offset[0] * 1_000_000)
    inside = Starlette(routes=[Route("/", lambda _: PlainTextResponse("the rest of the house"))])
    with TestClient(callbacks.in_front_of(inside), raise_server_exceptions=True) as client:
        if work:
            callbacks.start()
        try:
            yield Called(ledger, made, callbacks, client, told, offset)
        finally:
            callbacks.close()
