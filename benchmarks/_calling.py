"""WeCom calling: sealed events over many connections, with clients that cost little beside the server."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

from benchmarks._server import CORP
from tiefen.kit.settings import Settings
from tiefen.ledger.ledger import Ledger
from tiefen.wecom.connections import Connection, connect


def connected(data: Path) -> Connection:
    """A company that is connected, on a fresh folder."""
    with Ledger.open(Settings(data=data)) as ledger:
        ledger.ensure_corp(CORP)
        return connect(ledger, CORP, base_url="http://127.0.0.1:9", corpid="ww1", secret="bench")


def events(first: int, count: int) -> list[str]:
    """Events as people make them, each about somebody of their own: two of three are new contacts, one a new member."""
    dice = random.Random(first)
    now = int(time.time())
    return [_joined(n, now, dice) if n % 3 == 0 else _added(n, now, dice) for n in range(first, first + count)]


def _head(at: int, event: str) -> str:
    return (
        f"<xml><ToUserName><![CDATA[ww1]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName><CreateTime>{at}"
        f"</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{event}]]></Event>"
    )


def person(number: int) -> str:
    return f"wmBench{number:025d}"


def _added(number: int, at: int, dice: random.Random) -> str:
    return (
        _head(at, "change_external_contact") + "<ChangeType><![CDATA[add_external_contact]]></ChangeType>"
        f"<UserID><![CDATA[staff{dice.randrange(6)}]]></UserID><ExternalUserID><![CDATA[{person(number)}]]>"
        f"</ExternalUserID><State><![CDATA[poster{dice.randrange(20)}]]></State></xml>"
    )


def _joined(number: int, at: int, dice: random.Random) -> str:
    return (
        _head(at, "change_external_chat") + f"<ChatId><![CDATA[wrBench{dice.randrange(400):025d}]]></ChatId>"
        "<ChangeType><![CDATA[update]]></ChangeType><UpdateDetail><![CDATA[add_member]]></UpdateDetail><JoinScene>3"
        f"</JoinScene><MemChangeCnt>1</MemChangeCnt><MemChangeList><Item>{person(number)}</Item></MemChangeList>"
        f"<LastMemVer>{number:032x}</LastMemVer><CurMemVer>{number + 1:032x}</CurMemVer></xml>"
    )


def sealed(of: Connection, contents: Sequence[str]) -> list[bytes]:
    """Whole requests, ready for the wire."""
    crypto, now = of.crypto, str(int(time.time()))
    made = []
    for number, content in enumerate(contents):
        envelope = crypto.seal(content, timestamp=now, nonce=str(number))
        body = (
            f"<xml><ToUserName><![CDATA[{of.corpid}]]></ToUserName><AgentID><![CDATA[1]]></AgentID>"
            f"<Encrypt><![CDATA[{envelope.encrypted}]]></Encrypt></xml>"
        )
        asked = urlencode({"msg_signature": envelope.signature, "timestamp": now, "nonce": envelope.nonce})
        head = (
            f"POST {of.callback_path}?{asked} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        made.append((head + body).encode())
    return made


@dataclass
class Answered:
    """What the clients saw."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    """Places of the requests that were answered with 200."""
    refused: int = 0


def call(port: int, requests: Sequence[bytes], connections: int, *, rate: float | None = None) -> Answered:
    """Send all of them; with `rate` so many a second, each waiting from when it should have gone out.

    A connection that breaks ends its client.
    """
    answered = Answered()
    began = time.monotonic() + 0.05
    threads = [
        Thread(target=_client, args=(port, requests, first, connections, began, rate, answered))
        for first in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered.seconds = time.monotonic() - began
    return answered


def _client(
    port: int, requests: Sequence[bytes], first: int, step: int, began: float, rate: float | None, answered: Answered
) -> None:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for place in range(first, len(requests), step):
                due = began + place / rate if rate else time.monotonic()
                if (early := due - time.monotonic()) > 0:
                    time.sleep(early)
                wire.sendall(requests[place])
                ok = _answer(wire)
                answered.waits.append(time.monotonic() - due)
                if ok:
                    answered.acknowledged.append(place)
                else:
                    answered.refused += 1
    except OSError:
        return


def _answer(wire: socket.socket) -> bool:
    """Whether it was 200. Other answers are short and come in one piece with their head."""
    got = b""
    while b"\r\n\r\n" not in got:
        some = wire.recv(4_096)
        if not some:
            raise ConnectionResetError
        got += some
    return got.startswith(b"HTTP/1.1 200")
